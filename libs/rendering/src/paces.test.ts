import { expect, test } from 'vitest';
import { Paces } from './paces.ts';

test('the quicker an application is, the more of it is given away at once, up to a bound', () => {
  const paces = new Paces();
  expect(paces.batch('web')).toBeUndefined();
  const batches = [0, 0.1, 2, 5, 16, 400].map((ms) => (paces.note('web', ms), paces.batch('web')));
  expect(batches).toEqual([16, 16, 8, 3, 1, 1]);
  paces.forget('web');
  expect(paces.batch('web')).toBeUndefined();
});

test('applications that are gone are forgotten, those rendered longest ago first', () => {
  const paces = new Paces();
  paces.note('first', 1);
  paces.note('second', 1);
  for (let index = 0; index < 9_998; index += 1) paces.note(`app-${index}`, 1);
  paces.note('first', 1);
  paces.note('one more', 1);
  expect([paces.batch('first'), paces.batch('second'), paces.batch('one more')]).toEqual([16, undefined, 16]);
});
