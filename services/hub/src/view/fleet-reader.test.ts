import { expect, test } from 'vitest';
import { emptyModel, foldChange } from './fleet-model.ts';
import { fleetReader } from './fleet-reader.ts';
import type { ViewContext } from './fleet-views.ts';

const context: ViewContext = {
  hub: { id: 'hub-1', version: '0.1.0' },
  source: { url: 'u', branch: 'main', revision: 'r', fetchedAtMs: 0, ageMs: 0, stale: false, message: '' },
  clusters: [],
  applications: [],
  problems: [],
  warnings: [],
};

/** A reader whose views take `makeMs` to make, of a model whose leader changes when it is told. */
function reading({ makeMs }: { readonly makeMs: number }) {
  let nowMs = 0;
  let model = emptyModel;
  const source = { model: () => model, onChange: () => undefined };
  const slow = () => {
    nowMs += makeMs;
    return context;
  };
  const reader = fleetReader(source, slow, () => nowMs);
  return {
    leader: () => reader.fleet().hub.leader,
    claim: (holder: string) =>
      (model = foldChange(model, { kind: 'claimed', term: (model.claim?.term ?? 0) + 1, holder })),
    pass: (ms: number) => (nowMs += ms),
  };
}

test('a view that is made in no time shows every change at once', () => {
  const { leader, claim } = reading({ makeMs: 0 });
  claim('hub-1');
  expect(leader()).toBe('hub-1');
  claim('hub-2');
  expect(leader()).toBe('hub-2');
});

test('a view that takes long rests four times as long, whatever changes meanwhile', () => {
  const { leader, claim, pass } = reading({ makeMs: 100 });
  claim('hub-1');
  expect(leader()).toBe('hub-1');
  claim('hub-2');
  pass(399);
  expect(leader()).toBe('hub-1');
  pass(1);
  expect(leader()).toBe('hub-2');
});

test('no view rests for longer than a second', () => {
  const { leader, claim, pass } = reading({ makeMs: 5_000 });
  claim('hub-1');
  expect(leader()).toBe('hub-1');
  claim('hub-2');
  pass(1_000);
  expect(leader()).toBe('hub-2');
});
