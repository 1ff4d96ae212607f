/** Packages of the tests that come without types. */

declare module 'express4' {
  import express from 'express';
  export default express;
}

declare module 'koa-mount' {
  import type Koa from 'koa';
  export default function mount(path: string, app: Koa): Koa.Middleware;
}
