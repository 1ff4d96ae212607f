/** The JSON of commands that report problems. */

export const problemFields = [
  ['schema', '1; as NDJSON, in every line'],
  ['problems', 'every problem, file by file, in the order of the lines; as NDJSON, each is a line'],
  ['problems[].file', 'the name of the file as it was given; "-" for standard input'],
  ['problems[].severity', 'error or warning'],
  ['problems[].code', 'the rule that was broken, see docs/errors.md'],
  ['problems[].message', 'what is wrong, and what to write instead'],
  ['problems[].line', 'the line, from 1'],
  ['problems[].column', 'the first column of the part that is meant, in UTF-16 code units from 1'],
  ['problems[].endColumn', 'the column after that part'],
  ['problems[].text', 'that part'],
  ['problems[].suggestion', 'the text to put in its place, where there is one'],
  [
    'problems[].fix',
    'only lint, where a fix is certain: the lines to replace, as { edits: [{ line, text }] }; null removes the line',
  ],
  ['unreadable', 'files that could not be checked, as [{ file, message }]'],
  ['files', 'how many files were checked'],
  ['errors', 'how many problems are errors'],
  ['warnings', 'how many problems are warnings'],
] as const;
