import { assignmentsIn, isRenewal, pairOf } from './facts.ts';
import type { AssignFact, CaseFile, LedgerFact, RolloutBody, StatusFact, Violation } from './facts.ts';
import { violation } from './terms.ts';

type Record = Pick<CaseFile, 'ledger' | 'statuses' | 'statusGaps' | 'stages'>;

/**
 * I5: a cluster is given a release only when every cluster of the earlier stages was healthy with what that release has for it,
 * by its own words that NATS had stored by then. Where a word may have been overwritten unread, the evidence that the hub
 * wrote down before is taken instead.
 */
export function auditGates(record: Record): Violation[] {
  const said = groupBy(record.statuses, pairOf);
  const given = new Map<string, AssignFact[]>();
  const states = new RolloutStates(record.ledger);
  return assignmentsIn(record.ledger).flatMap((fact) => {
    const state = states.before(fact);
    const key = pairOf(fact.body);
    const earlier = given.get(key) ?? [];
    const isAgain = isRenewal(fact, earlier.at(-1));
    given.set(key, [...earlier, fact]);
    if (isAgain) return [];
    if (!state) return [violation('I5', fact, 'assigns a release before any state of its rollout has it')];
    if (state.isBack) return [];
    return earlierStages(record, fact)
      .filter((cluster) => state.bundles[cluster] !== undefined)
      .flatMap((cluster) => {
        const pair = pairOf({ cluster, application: fact.body.application });
        const why = unproven({ fact, cluster, state, record }, given.get(pair) ?? [], said.get(pair) ?? []);
        return why === undefined ? [] : [violation('I5', fact, `although ${cluster} ${why}`)];
      });
  });
}

function earlierStages({ stages }: Record, { body }: AssignFact): readonly string[] {
  const own = stages.get(body.application) ?? [];
  const at = own.findIndex((clusters) => clusters.includes(body.cluster));
  return own.slice(0, Math.max(at, 0)).flat();
}

interface Question {
  readonly fact: AssignFact;
  readonly cluster: string;
  readonly state: RolloutBody;
  readonly record: Record;
}

/** Why a cluster had not proven its health by then; undefined when it had. */
function unproven(
  { fact, cluster, state, record }: Question,
  given: readonly AssignFact[],
  said: readonly StatusFact[],
): string | undefined {
  const bundle = state.bundles[cluster];
  const last = given.at(-1);
  if (!last || last.body.bundle !== bundle) return 'of an earlier stage has something else';
  const sinceMs = (given[given.findLastIndex((one) => one.body.bundle !== bundle) + 1] ?? last).atMs;
  // What was assigned anew has to be proven anew; what was left alone is proven by its content.
  const isAnew = last.body.release === fact.body.release;
  const isProof = (word: StatusFact): boolean =>
    word.isGood &&
    word.bundle === bundle &&
    word.atMs >= sinceMs &&
    word.atMs <= fact.atMs &&
    (!isAnew || word.release === fact.body.release);
  if (said.some(isProof)) return undefined;
  const mayBeUnread = record.statusGaps.some(({ fromMs, toMs }) => fromMs <= fact.atMs && toMs >= sinceMs);
  const isNoted = state.evidence.some((one) => one.cluster === cluster);
  return mayBeUnread && isNoted ? undefined : 'of an earlier stage had not said that it is healthy';
}

/** The states of rollouts, by what had been written before a message. */
class RolloutStates {
  readonly #byRelease: ReadonlyMap<string, readonly (LedgerFact & { readonly body: RolloutBody })[]>;

  constructor(ledger: readonly LedgerFact[]) {
    const states = ledger.flatMap((fact) =>
      fact.body.kind === 'rollout' ? [{ ...fact, body: fact.body }] : [],
    );
    this.#byRelease = groupBy(states, ({ life, body }) => `${life} ${body.application} ${body.release}`);
  }

  before({ life, sequence, body }: AssignFact): RolloutBody | undefined {
    const states = this.#byRelease.get(`${life} ${body.application} ${body.release}`) ?? [];
    return states.findLast((state) => state.sequence < sequence)?.body;
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
