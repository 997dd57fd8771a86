import { describe, expect, test } from 'vitest';
import { audit } from './audit.ts';
import type { AssignBody, CaseFile, HeldFact, LedgerBody, LedgerFact, StatusFact } from './facts.ts';

const application = 'shop';
const [first, second] = ['r1', 'r2'] as const;
const bundles = { [first]: { a: 'a1', b: 'b1' }, [second]: { a: 'a2', b: 'b2' } } as const;

function fact(
  sequence: number,
  subject: string,
  body: LedgerBody,
  more: Partial<LedgerFact> = {},
): LedgerFact {
  return {
    life: 1,
    sequence,
    atMs: sequence * 1_000,
    subject: `ledger.main.${subject}`,
    term: 1,
    holder: 'hub-1',
    digest: `of ${sequence}`,
    body,
    ...more,
  };
}

const claim = (sequence: number, term: number, holder = 'hub-1', incarnation = 'one') =>
  fact(sequence, 'claim', { kind: 'claim', term, holder, incarnation }, { term, holder });

const rollout = (sequence: number, release: typeof first | typeof second, evidence: string[] = []) =>
  fact(sequence, `rollout.${application}`, {
    kind: 'rollout',
    application,
    release,
    bundles: bundles[release],
    isBack: false,
    evidence: evidence.map((cluster) => ({ cluster, release })),
  });

function assign(
  sequence: number,
  cluster: 'a' | 'b',
  release: typeof first | typeof second,
  more: Partial<AssignBody> = {},
): LedgerFact {
  const body: AssignBody = {
    kind: 'assign',
    cluster,
    application,
    generation: release === first ? 1 : 2,
    term: 1,
    incarnation: 'one',
    release,
    revision: release === first ? 'c1' : 'c2',
    bundle: bundles[release][cluster],
    allowedDeletions: 1,
    ...more,
  };
  return fact(sequence, `assign.${cluster}.${application}`, body);
}

function healthy(atMs: number, cluster: 'a' | 'b', release: typeof first | typeof second): StatusFact {
  const bundle = bundles[release][cluster];
  return { cluster, application, atMs, release, bundle, generation: release === first ? 1 : 2, isGood: true };
}

const held = (atMs: number, cluster: string, generation: number, release: string): HeldFact => ({
  ...{ cluster, application, atMs, incarnation: 'one', term: 1, generation, release },
});

const word = (sequence: number, reason: string, isEnd = false) =>
  fact(sequence, `verb.${application}`, { kind: 'word', reason, isEnd });

type CommitContents = ReadonlyMap<string, { content: ReadonlyMap<string, string> | undefined }>;

const contents = new Map([
  ['a/shop', new Map([['page', '2']])],
  ['b/shop', new Map([['page', '2']])],
]);

/** Two clusters in two stages get two releases, the second without an object of the first. */
const sound: CaseFile = {
  ledger: [
    fact(0, 'seal.x', { kind: 'seal' }, { term: 0, holder: 'hub-2' }),
    claim(1, 1),
    rollout(2, first),
    assign(3, 'a', first),
    rollout(6, first, ['a']),
    assign(7, 'b', first),
    word(8, 'somebody asked'),
    rollout(10, second),
    assign(11, 'a', second),
    assign(15, 'b', second),
  ],
  statuses: [healthy(5_000, 'a', first), healthy(9_000, 'b', first), healthy(14_000, 'a', second)],
  stored: [],
  statusGaps: [],
  held: [
    held(3_500, 'a', 1, first),
    held(7_500, 'b', 1, first),
    held(11_500, 'a', 2, second),
    held(15_500, 'b', 2, second),
  ],
  removals: [{ cluster: 'a', application, object: 'old', atMs: 12_000 }],
  commits: new Map<string, CommitContents>([
    ['c1', new Map([[application, { content: new Map(Object.entries({ page: '1', old: '1' })) }]])],
    ['c2', new Map([[application, { content: new Map([['page', '2']]) }]])],
    ['c3', new Map([[application, { content: undefined }]])],
  ]),
  stages: new Map([[application, [['a'], ['b']]]]),
  soaksMs: new Map([[application, 1_000]]),
  measured: new Map([[application, ['a']]]),
  answers: [
    { cluster: 'a', release: first, atMs: 5_500 },
    { cluster: 'a', release: second, atMs: 14_500 },
  ],
  acknowledged: [{ reason: 'somebody asked', atMs: 8_500 }],
  losses: [],
  found: contents,
  wanted: contents,
  mishaps: [],
};

const told = (change: Partial<CaseFile>) =>
  audit({ ...sound, ...change }, 99_000).map(({ invariant }) => invariant);
const swapped = (sequence: number, ...facts: LedgerFact[]) =>
  sound.ledger.flatMap((one) => (one.sequence === sequence ? facts : [one]));

test('a run in which every promise was kept has no violation', () => {
  expect(audit(sound, 99_000)).toEqual([]);
});

test('an assignment that a later leader signs anew, a change of leader and a gap in sequences are sound', () => {
  const anew = { ...assign(20, 'b', second, { term: 2 }), term: 2, holder: 'hub-2' };
  expect(told({ ledger: [...sound.ledger, claim(18, 2, 'hub-2'), anew] })).toEqual([]);
});

describe('each promise that a falsified record breaks is told, and nothing else', () => {
  const last = sound.ledger.at(-1)!;
  const by = (change: Partial<LedgerFact>) => swapped(last.sequence, { ...last, ...change });
  test.each<[string, string, Partial<CaseFile>]>([
    ['a term that is claimed again', 'I1', { ledger: [...sound.ledger, claim(20, 1, 'hub-2')] }],
    [
      'a claim whose body says another term',
      'I1',
      { ledger: [...sound.ledger, { ...claim(20, 3), term: 2 }] },
    ],
    ['another incarnation', 'I1', { ledger: [...sound.ledger, claim(20, 2, 'hub-1', 'two')] }],
    ['a second writer in a term', 'I2', { ledger: by({ holder: 'hub-2' }) }],
    [
      'a write of the old leader after a claim',
      'I2',
      { ledger: [...sound.ledger, claim(20, 2, 'hub-2'), rollout(21, second)] },
    ],
    ['a message without a term', 'I8', { ledger: swapped(8, { ...word(8, 'somebody asked'), term: 0 }) }],
    [
      'a message that cannot be read',
      'readable',
      { ledger: swapped(6, { ...rollout(6, first), body: { kind: 'damaged', why: 'no' } }) },
    ],
    [
      'a generation that goes back',
      'I3',
      { ledger: [...sound.ledger, assign(20, 'a', first)], held: sound.held },
    ],
    [
      'a generation with a second content',
      'I3',
      { ledger: [...sound.ledger, assign(20, 'b', second, { bundle: 'b9' })] },
    ],
    [
      'an assignment that nobody signed',
      'signed',
      { ledger: swapped(15, assign(15, 'b', second, { refusal: 'bad signature' })) },
    ],
    [
      'an assignment signed for another cluster',
      'signed',
      { ledger: swapped(15, { ...assign(15, 'b', second), subject: 'ledger.main.assign.c.shop' }) },
    ],
    [
      'an assignment signed for another term',
      'signed',
      { ledger: swapped(15, assign(15, 'b', second, { term: 7 })) },
    ],
    [
      'a broken revision that is assigned',
      'broken',
      { ledger: swapped(15, assign(15, 'b', second, { revision: 'c3' })) },
    ],
    [
      'a revision that nobody made',
      'authored',
      { ledger: swapped(15, assign(15, 'b', second, { revision: 'c9' })) },
    ],
    ['a stage before the health of the earlier one', 'I5', { statuses: sound.statuses.slice(0, 2) }],
    [
      'health that was told too late',
      'I5',
      { statuses: [...sound.statuses.slice(0, 2), healthy(15_500, 'a', second)] },
    ],
    [
      'health at another release',
      'I5',
      { statuses: [...sound.statuses.slice(0, 2), { ...healthy(14_000, 'a', second), release: first }] },
    ],
    [
      'a stage that was passed over',
      'I5',
      {
        ledger: sound.ledger.filter(({ sequence }) => sequence !== 11),
        held: sound.held.filter(({ atMs }) => atMs !== 11_500),
        removals: [],
      },
    ],
    [
      'an assignment that no state has',
      'I5',
      { ledger: sound.ledger.filter(({ sequence }) => sequence !== 10) },
    ],
    ['a stage before the earlier one had soaked', 'I5', { soaksMs: new Map([[application, 3_000]]) }],
    ['a stage before the earlier one was measured', 'I5', { answers: sound.answers.slice(0, 1) }],
    [
      'a number of another release',
      'I5',
      { answers: sound.answers.map((answer) => ({ ...answer, release: first })) },
    ],
    [
      'a number from before the cluster had the release',
      'I5',
      { answers: [...sound.answers.slice(0, 1), { cluster: 'a', release: second, atMs: 9_000 }] },
    ],
    [
      'a number of another cluster',
      'I5',
      { answers: sound.answers.map((answer) => ({ ...answer, cluster: 'b' })) },
    ],
    ['an agent that goes back', 'I3', { held: [...sound.held, held(20_000, 'a', 1, first)] }],
    [
      'an agent that goes back in term',
      'I3',
      { held: [{ ...sound.held[0]!, term: 4 }, ...sound.held.slice(1)] },
    ],
    [
      'an agent that holds what was never written',
      'I4',
      { held: [...sound.held, held(20_000, 'a', 3, second)] },
    ],
    [
      'an object that goes while every revision has it',
      'I7',
      { removals: [{ cluster: 'a', application, object: 'page', atMs: 12_000 }] },
    ],
    [
      'an object that goes before its cluster was told',
      'I7',
      { removals: [{ cluster: 'b', application, object: 'old', atMs: 10_000 }] },
    ],
    ['an acknowledged word that is lost', 'I6', { acknowledged: [{ reason: 'another', atMs: 1 }] }],
    ['a word that is carried out twice', 'I6', { ledger: [...sound.ledger, word(20, 'somebody asked')] }],
    [
      'a ledger that forgets by itself',
      'I6',
      { ledger: [...sound.ledger, { ...claim(1, 2), life: 2, atMs: 20_000 }] },
    ],
    ['an object that stays', 'converged', { wanted: new Map([...contents, ['b/shop', new Map()]]) }],
    ['an object that is not there', 'converged', { found: new Map([...contents, ['b/shop', new Map()]]) }],
    [
      'an old value in the end',
      'converged',
      { found: new Map([...contents, ['b/shop', new Map([['page', '1']])]]) },
    ],
    ['what else went wrong', 'ended', { mishaps: [{ invariant: 'ended', atMs: 1, message: 'hub-1' }] }],
  ])('%s', (_, invariant, change) => {
    const found = told(change);
    expect(new Set(found)).toEqual(new Set([invariant]));
  });
});

test('a word of health that was overwritten unread is replaced by the evidence that the hub wrote down', () => {
  const statuses = sound.statuses.slice(0, 2);
  const statusGaps = [{ fromMs: 12_000, toMs: 13_000 }];
  expect(told({ statuses, statusGaps })).toEqual(['I5']);
  const ledger = swapped(15, rollout(14, second, ['a']), assign(15, 'b', second));
  expect(told({ statuses, statusGaps, ledger })).toEqual([]);
  expect(told({ statuses, statusGaps: [{ fromMs: 1, toMs: 2 }], ledger })).toEqual(['I5']);
});

test('somebody may promote a soak, the one that goes on, once', () => {
  const soaksMs = new Map([[application, 3_000]]);
  const soaking = (sequence: number, since: number): LedgerFact => {
    const state = rollout(sequence, second);
    return state.body.kind === 'rollout'
      ? { ...state, body: { ...state.body, soak: `since ${since}` } }
      : state;
  };
  const promote = (sequence: number, release: string) =>
    fact(sequence, `verb.${application}`, {
      ...{ kind: 'word', reason: `promotion ${sequence}`, isEnd: false, promotes: release },
    });
  const toldOf = (...facts: LedgerFact[]) =>
    told({ soaksMs, ledger: swapped(15, ...facts, assign(15, 'b', second)) });
  expect(toldOf()).toEqual(['I5']);
  expect(toldOf(soaking(14, 14), promote(14.2, second))).toEqual([]);
  expect(toldOf(soaking(14, 14), promote(14.2, second), promote(14.3, second))).toEqual(['promoted']);
  expect(toldOf(soaking(14, 14), promote(14.2, second), soaking(14.3, 14.3), promote(14.4, second))).toEqual(
    [],
  );
  expect(toldOf(promote(14.2, second))).toEqual(['promoted']);
  expect(toldOf(soaking(14, 14), promote(14.2, first))).toEqual(['promoted', 'I5']);
});

test('a store that was put back has dropped what was read before, and what it says since is held to that', () => {
  const again = sound.ledger.filter(({ sequence }) => sequence !== 2).map((one) => ({ ...one, life: 2 }));
  const change = { ledger: [...sound.ledger, ...again], losses: [15_500] };
  expect(told(change)).toEqual([]);
  const other = again.map((one) => ({ ...one, atMs: one.atMs + 1 }));
  expect(new Set(told({ ...change, ledger: [...sound.ledger, ...other] }))).toContain('I5');
});

test('what was read is there in the end as it was, but for what many later messages of its subject have pushed out', () => {
  const { ledger } = sound;
  const without = (sequence: number) => ledger.filter((one) => one.sequence !== sequence);
  const read = (...readings: (readonly LedgerFact[])[]) =>
    readings.map((facts) => ({ upTo: facts.at(-1)?.sequence ?? 0, facts }));
  expect(told({ stored: read(ledger, ledger, ledger.slice(0, 4)) })).toEqual([]);
  expect(told({ stored: read(ledger, without(8)) })).toEqual(['I6']);
  const changed = ledger.map((one) => (one.sequence === 8 ? { ...one, digest: 'another' } : one));
  expect(told({ stored: read(changed) })).toEqual(['I6']);
  const later = (count: number) => Array.from({ length: count }, (_, at) => word(20 + at, `word ${at}`));
  const toldAfter = (count: number) =>
    told({ ledger: [...ledger, ...later(count)], stored: read([...without(8), ...later(count)]) });
  expect(toldAfter(64)).toEqual([]);
  expect(toldAfter(63)).toEqual(['I6']);
});

test('health of old is no proof once the cluster has had something else', () => {
  const back = [
    rollout(20, first),
    assign(21, 'a', first, { generation: 3 }),
    assign(23, 'b', first, { generation: 3 }),
  ];
  expect(told({ ledger: [...sound.ledger, ...back] })).toEqual(['I5']);
  const statuses = [...sound.statuses, healthy(22_000, 'a', first)];
  const answers = [...sound.answers, { cluster: 'a', release: first, atMs: 22_500 }];
  expect(told({ ledger: [...sound.ledger, ...back], statuses, answers })).toEqual([]);
});

test('a ledger that the run took away begins anew, and may have lost words that it acknowledged before', () => {
  const anew = { ...claim(1, 2, 'hub-1', 'two'), life: 2, atMs: 20_000 };
  const change = { ledger: [...sound.ledger, anew], acknowledged: [{ reason: 'lost', atMs: 18_000 }] };
  expect(told({ ...change, losses: [19_000] })).toEqual([]);
  expect(told({ ...change, losses: [17_000] })).toEqual(['I6']);
});
