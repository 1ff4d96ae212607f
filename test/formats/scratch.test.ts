import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { importList } from '../../src/exchange/import.ts';
import * as published from '../../src/formats/published.ts';
const dir = '/work/shared/data/formats/';
test('x', () => {
  for (const [f, format] of [['aws-ip-ranges-1', published.awsRanges], ['azure-service-tags-1', published.azureServiceTags], ['fastly-1', published.fastly], ['github-meta-1', published.githubMeta], ['google-ranges-1', published.googleRanges]] as const) {
    const r = importList(readFileSync(dir + f + '.json', 'utf8'), { format });
    console.info(f, r.entries.length, r.entries.slice(0, 2), r.declared, r.problems);
  }
  for (const t of ['', '[]', 'null', '<html>', '{"prefixes":[{"ip_prefix":"192.0.2.0/24"', '{"prefixes":[]}', '{"prefixes":[{"ip_prefix":"192.0.2.0\\/24","a":1},{},{"ip_prefix":5},{"ip_prefix":"1.2.3"}],"prefixes":[]}', '{"a":tru}', '{"a":"b\n"}','{"a":1,}','[1}','"\\x"', '[["\\u12'])
    console.info(t, JSON.stringify(importList(t, { format: published.awsRanges }).problems.map(p => [p.line, p.column, p.code, p.text, p.message]), null, 1));
});
