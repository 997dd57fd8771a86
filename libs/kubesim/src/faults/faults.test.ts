import { describe, expect, it } from 'vitest';
import type { FaultRule } from './fault-rule.ts';
import { Faults } from './faults.ts';
import type { FaultRequest } from './match-rule.ts';

const request: FaultRequest = {
  verb: 'list',
  resource: 'deployments.apps',
  subresource: '',
  namespace: 'team',
  name: '',
  user: 'admin',
  userAgent: 'kubectl/v1.36.4',
};
const refusal = { kind: 'refuse', code: 503 } as const;
const anything = () => true;

/** Random numbers that come again and again. */
function drawing(...numbers: readonly number[]): () => number {
  let drawn = 0;
  return () => numbers[drawn++ % numbers.length] ?? 0;
}

function meets(rule: FaultRule, asked: Partial<FaultRequest> = {}): boolean {
  const faults = new Faults(drawing(0));
  faults.add(rule);
  return faults.meet({ ...request, ...asked }, anything).length > 0;
}

describe('which requests meet a fault', () => {
  it('is all of them unless the rule says', () => {
    expect(meets({ fault: refusal })).toBe(true);
    expect(meets({ fault: refusal }, { resource: '', verb: 'get' })).toBe(true);
  });

  it.each<readonly [FaultRule['match'] & object, Partial<FaultRequest>, boolean]>([
    [{ verbs: ['list', 'watch'] }, {}, true],
    [{ verbs: ['watch'] }, {}, false],
    [{ resources: ['deployments.apps'] }, {}, true],
    [{ resources: ['deployments'] }, {}, false],
    [{ resources: ['deployments.apps'] }, { subresource: 'status' }, false],
    [{ resources: ['deployments.apps/status'] }, { subresource: 'status' }, true],
    [{ resources: ['*/*'] }, { subresource: 'status' }, true],
    [{ resources: ['*'] }, { resource: '' }, false],
    [{ namespaces: ['team'] }, {}, true],
    [{ namespaces: ['other'] }, {}, false],
    [{ names: ['web'] }, { name: 'web' }, true],
    [{ users: ['admin'] }, {}, true],
    [{ users: ['agent'] }, {}, false],
    [{ userAgents: ['kubectl/'] }, {}, true],
    [{ userAgents: ['meridian'] }, {}, false],
    [{ verbs: ['list'], users: ['agent'] }, {}, false],
  ])('%j of %j is %s', (match, asked, expected) => {
    expect(meets({ match, fault: refusal }, asked)).toBe(expected);
  });

  it('are those after the ones to skip, as many as are counted', () => {
    const faults = new Faults(drawing(0));
    const handle = faults.add({ skip: 1, count: 2, fault: refusal });
    const met = [1, 2, 3, 4].map(() => faults.meet(request, anything).length);
    expect(met).toEqual([0, 1, 1, 0]);
    expect(handle.count).toBe(2);
  });

  it('is a share that is drawn, the same for the same numbers', () => {
    const faults = new Faults(drawing(0.1, 0.29, 0.3, 0.9));
    faults.add({ percent: 30, fault: refusal });
    expect([1, 2, 3, 4].map(() => faults.meet(request, anything).length)).toEqual([1, 1, 0, 0]);
  });

  it('are watches only for the faults of watches', () => {
    const rule: FaultRule = { fault: { kind: 'dropWatch', how: 'cut' } };
    expect(meets(rule)).toBe(false);
    expect(meets(rule, { verb: 'watch' })).toBe(true);
  });

  it('are not counted when the fault cannot happen to them', () => {
    const faults = new Faults(drawing(0));
    const handle = faults.add({ count: 1, fault: { kind: 'expire' } });
    expect(faults.meet(request, (kind) => kind !== 'expire')).toEqual([]);
    expect(handle.count).toBe(0);
  });
});

describe('a rule', () => {
  it('is out of force once it is removed, and tells those who wait for it', () => {
    const faults = new Faults(drawing(0));
    const handle = faults.add({ fault: refusal });
    let told = 0;
    faults.meet(request, anything).forEach((met) => met.onRemove(() => (told += 1)));
    handle.remove();
    handle.remove();
    expect(told).toBe(1);
    expect(faults.list()).toEqual([]);
    expect(faults.meet(request, anything)).toEqual([]);
  });

  it('tells nobody who waits for its end no more', () => {
    const faults = new Faults(drawing(0));
    const handle = faults.add({ fault: refusal });
    let told = 0;
    for (const met of faults.meet(request, anything)) met.onRemove(() => (told += 1))();
    handle.remove();
    expect(told).toBe(0);
  });

  it('meets watches that are open already', () => {
    const faults = new Faults(drawing(0));
    const met: string[] = [];
    const close = faults.watchOpened({
      request: { ...request, verb: 'watch' },
      isOpen: () => true,
      meet: ({ fault }) => met.push(fault.kind),
    });
    faults.add({ match: { namespaces: ['other'] }, fault: { kind: 'silenceWatch' } });
    faults.add({ fault: { kind: 'silenceWatch' } });
    close();
    faults.add({ fault: { kind: 'dropWatch', how: 'end' } });
    expect(met).toEqual(['silenceWatch']);
  });

  it('sets the clock wrong together with others', () => {
    const faults = new Faults(drawing(0));
    faults.add({ fault: { kind: 'skewClock', byMs: 60_000 } });
    const back = faults.add({ fault: { kind: 'skewClock', byMs: -90_000 } });
    expect(faults.skewMs).toBe(-30_000);
    back.remove();
    expect(faults.skewMs).toBe(60_000);
  });

  it.each<readonly [unknown, string]>([
    ['drop', 'rule: Invalid input: expected object'],
    [{}, 'rule.fault: Invalid input: expected object'],
    [
      { fault: { kind: 'explode' } },
      "rule.fault.kind: Invalid discriminator value. Expected 'delay' | 'refuse'",
    ],
    [{ fault: { kind: 'delay' } }, 'rule.fault.delayMs: Invalid input: expected number'],
    [{ fault: { kind: 'refuse', code: 200 } }, 'rule.fault.code: Too small: expected number to be >=400'],
    [
      { fault: { kind: 'drop', when: 'later' } },
      'rule.fault.when: Invalid option: expected one of "before"|"after"',
    ],
    [{ fault: refusal, percent: 101 }, 'rule.percent: Too big: expected number to be <=100'],
    [{ fault: refusal, often: 1 }, 'rule: Unrecognized key: "often"'],
    [{ fault: refusal, match: { verbs: [] } }, 'rule.match.verbs: Too small'],
    [{ fault: refusal, match: { verbs: [7] } }, 'rule.match.verbs.0: Invalid input: expected string'],
  ])('is refused when it says nothing sensible: %j', (rule, why) => {
    expect(() => new Faults(drawing(0)).addRead(rule)).toThrow(why);
  });
});

it('are no more than a thousand at once, because every request is held against each', () => {
  const faults = new Faults(drawing(0));
  const rules = Array.from({ length: 1_000 }, () => faults.add({ fault: refusal }));
  expect(() => faults.add({ fault: refusal })).toThrow('1000 rules are in force, and no more may be');
  expect(faults.list()).toHaveLength(1_000);
  rules[7]?.remove();
  expect(faults.add({ fault: refusal }).count).toBe(0);
});
