/** Imports nothing and exports nothing: what `import` costs without a module in it. */
export {};
