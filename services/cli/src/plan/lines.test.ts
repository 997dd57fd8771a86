import { expect, test } from 'vitest';
import { fieldLines, objectLines } from './lines.ts';

const key = { group: '', kind: 'ConfigMap', namespace: 'ml', name: 'settings' };
const drawn = (lines: ReturnType<typeof fieldLines>) => lines.map(({ sign, text }) => `${sign} ${text}`);

test('an object is told with its fate and its fields before and after', () => {
  const fields = [
    { path: 'data.a', before: 'x', after: 'a text' },
    { path: 'data.b', after: '1' },
  ];
  expect(drawn(objectLines({ change: 'changed', key, fields }))).toEqual([
    '! ConfigMap ml/settings',
    '-     data.a: x',
    '+     data.a: "a text"',
    '+     data.b: "1"',
  ]);
  expect(drawn(objectLines({ change: 'deleted', key, fields: [] }))).toEqual([
    '- DELETE ConfigMap ml/settings',
  ]);
  expect(drawn(objectLines({ change: 'left', key, fields: [] }))).toEqual([
    '  left behind: ConfigMap ml/settings',
  ]);
  const hook = (change: 'created' | 'runs', ...phases: ('PreSync' | 'PostSync')[]) =>
    drawn(objectLines({ change, key, hook: phases, fields: [] }));
  expect(hook('created', 'PreSync')).toEqual(['+ ConfigMap ml/settings (hook: PreSync)']);
  expect(hook('runs', 'PreSync', 'PostSync')).toEqual([
    '  runs: ConfigMap ml/settings (hook: PreSync, PostSync)',
  ]);
  expect(hook('created')).toEqual(['+ ConfigMap ml/settings (hook: never runs)']);
});

test('of a text with several lines only those that differ are shown', () => {
  const text = (port: number) => `server:\n  port: ${port}\n  log: info\n`;
  expect(drawn(fieldLines({ path: 'data.file', before: text(1), after: text(2) }, ''))).toEqual([
    '  data.file:',
    '-     port: 1',
    '+     port: 2',
  ]);
  const long = (word: string) => Array.from({ length: 30 }, (_, line) => `${word} ${line}`).join('\n');
  const lines = fieldLines({ path: 'data.file', before: long('old'), after: long('new') }, '');
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)?.text).toContain('and 40 more lines');
});

test('what could move a cursor is made visible, and long values are cut', () => {
  const [line] = fieldLines({ path: 'data.a', after: `\u001b[2J${'x'.repeat(500)}` }, '');
  expect(line?.text).not.toContain('\u001b');
  expect(line?.text.length).toBeLessThanOrEqual(160);
});
