import { describe, expect, test } from 'vitest';
import { nameCharacter, quote } from '../../src/problem/say.ts';
import { parseAddress, parseList } from '../../src/public/index.ts';

/** All that is drawn as nothing or as a blank, or that changes what stands around it. */
const hidden =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2800\u{16fe4}\u{1d159}\u115f\u1160\u3164\uffa0]|(?! )\p{Zs}/u;

describe('what cannot be seen', () => {
  test('is named wherever it is quoted, of all code points', () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      const isHidden = hidden.test(character);
      const quoted = quote(`a${character}b`);
      if (isHidden ? quoted !== `"a<${name}>b"` : !quoted.includes(character)) wrong.push(name);
      if (isHidden && !nameCharacter(character).includes(name)) wrong.push(`${name} alone`);
      if (isHidden && hidden.test(nameCharacter(character))) wrong.push(`${name} raw`);
    }
    expect(wrong).toEqual([]);
  });

  test('is named in the messages about a text', () => {
    for (const character of [
      '\ufe0f',
      '\u{e0100}',
      '\u2800',
      '\u3164',
      '\u034f',
      '\u180e',
      '\ufeff',
      '\0',
      '\ud800',
    ]) {
      const name = `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
      for (const text of [`10.0.0.1${character}`, `a${character}`, `10.0.0.1 a${character}b!`]) {
        const message = parseList(text).problems[0]?.message ?? '';
        expect(hidden.test(message)).toBe(false);
        expect(() => parseAddress(text)).toThrow(name);
      }
    }
  });

  test('is not made by a mark that joins what stands before it', () => {
    expect(quote('\u0301a')).toBe('"<U+0301>a"');
    expect(quote('a\u0301')).toBe('"a\u0301"');
    expect(nameCharacter('\u0301')).toBe('U+0301');
  });
});
