import { describe, expect, test } from 'vitest';
import { detectFormat, exportPolicy, formats } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { hasSample, readSample } from '../support/samples.ts';

describe('detectFormat', () => {
  test.each([
    ['plain', '192.0.2.1 # note\n\n# comment\n2001:db8::/32\n'],
    ['netset', '# Entries         : 1 subnets\n192.0.2.0/24\n'],
    ['spamhaus-drop', '; Spamhaus DROP List\n192.0.2.0/24 ; SBL1\n'],
    ['spamhaus-drop', '192.0.2.0/24 ; SBL1\n'],
    ['csv', '192.0.2.1,Office\n'],
    ['nginx', '# x\nallow 192.0.2.0/24;\ndeny all;\n'],
    ['nginx-geo', 'geo $x {\n  default 0;\n}\n'],
    ['nginx-geo', 'default 0;\n192.0.2.0/24 1; # x\n'],
    ['apache', '<RequireAll>\nRequire not ip 192.0.2.1\n</RequireAll>\n'],
    ['pg-hba', 'host all all 192.0.2.0/24 reject\n'],
    ['ipset', 'create s hash:net\nadd s 192.0.2.1\n'],
    ['nftables', 'table inet filter {\n'],
    ['caddy', '@x remote_ip 192.0.2.1\n'],
    ['envoy-rbac', 'policies: { a: { principals: [{ remote_ip: { address_prefix: 10.0.0.0 } }] } }'],
    ['envoy-rbac', '{"policies":{"a":{"principals":[{"remoteIp":{"addressPrefix":"10.0.0.0"}}]}}}'],
    ['nginx', 'set $x 1;\ndeny all;\n'],
    ['apache', 'order deny,allow\ndeny from 192.0.2.1\n'],
    ['nftables', 'add element inet filter s { 192.0.2.1 }\n'],
    ['atlassian', '{"items":[{"network":"192.0.2.0","mask_len":24,"cidr":"192.0.2.0/24"}]}'],
    [undefined, ''],
    [undefined, 'Dear all,\nplease block 192.0.2.1.\n'],
    [undefined, '{"a":1}'],
    [undefined, '<!DOCTYPE html>'],
    [undefined, '192.0.2.1\nexample.org\n'],
  ])('%s', (format, text) => {
    expect(detectFormat(text)).toBe(format);
  });

  test.each(formats.filter(({ writes }) => writes).map(({ name }) => name))(
    'what is written as %s',
    (format) => {
      const options = format === 'sql' ? { format, dialect: 'duckdb' as const } : { format };
      const { text } = exportPolicy(createPolicy({ deny: '192.0.2.1\n2001:db8::/32 # Lab' }), options);
      // A file of HAProxy may be a plain list as well.
      expect([format, undefined, ...(format === 'haproxy' ? ['plain'] : [])]).toContain(detectFormat(text));
    },
  );

  test('the name of the file helps where the text does not', () => {
    expect(detectFormat('a,b\n', '/tmp/list.CSV')).toBe('csv');
    expect(detectFormat('192.0.2.1\n', 'x.netset')).toBe('netset');
    expect(detectFormat('192.0.2.1\n', undefined)).toBe('plain');
  });

  test.each([
    ['nginx-access-1.conf', 'nginx'],
    ['nginx-geo-1.conf', 'nginx-geo'],
    ['apache-require-1.conf', 'apache'],
    ['pg-hba-1.conf', 'pg-hba'],
    ['aws-ip-ranges-1.json', 'aws-ranges'],
    ['google-ranges-1.json', 'google-ranges'],
    ['azure-service-tags-1.json', 'azure-service-tags'],
    ['github-meta-1.json', 'github-meta'],
    ['fastly-1.json', 'fastly'],
    ['csv-1.csv', 'csv'],
    ['k8s-networkpolicy-1.yaml', 'k8s-networkpolicy'],
    ['caddy-1.Caddyfile', 'caddy'],
  ])('%s is %s', (file, format) => {
    if (!hasSample(file)) return;
    expect(detectFormat(readSample(file).text, 'file')).toBe(format);
  });
});
