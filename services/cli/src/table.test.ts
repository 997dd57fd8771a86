import { expect, test } from 'vitest';
import type { Paint } from './style.ts';
import { drawTable } from './table.ts';
import { textWidth } from './text.ts';

const plain: Paint = (_tone, text) => text;

test('columns are aligned, also with wide characters', () => {
  const text = drawTable(
    {
      header: ['name', 'state'],
      rows: [
        ['日本', 'ok'],
        ['abcdef', 'bad'],
      ],
    },
    { columns: undefined, paint: plain },
  );
  expect(text).toBe('NAME    STATE\n日本    ok\nabcdef  bad\n');
});

test('a table fits the terminal: the widest column gives way, the name last', () => {
  const text = drawTable(
    { header: ['name', 'reason', 'age'], rows: [['inference-server', 'x'.repeat(200), '12s']] },
    { columns: 60, paint: plain },
  );
  for (const line of text.trimEnd().split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(60);
  expect(text).toContain('inference-server');
  expect(text).toContain('…');
});

test('nothing is cut when stdout is no terminal', () => {
  const text = drawTable(
    { header: ['reason'], rows: [['x'.repeat(500)]] },
    { columns: undefined, paint: plain },
  );
  expect(text).toContain('x'.repeat(500));
});

test('newlines and escapes from elsewhere cannot break a row', () => {
  const text = drawTable(
    { header: ['a', 'b'], rows: [['one\ntwo', '\x1b[2J']] },
    { columns: undefined, paint: plain },
  );
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toContain('\x1b');
});
