import { assignmentsIn, isRenewal, pairOf } from './facts.ts';
import type { AssignFact, CaseFile, LedgerFact, RolloutBody, StatusFact, Violation } from './facts.ts';
import { promotionsIn } from './promotions.ts';
import { violation } from './terms.ts';

type Record = Pick<
  CaseFile,
  'ledger' | 'statuses' | 'statusGaps' | 'stages' | 'soaksMs' | 'measured' | 'answers'
>;

/** A hub's clock and the one of NATS may be that far apart. */
const slackMs = 1_000;

/**
 * I5: a cluster is given a release only when every cluster of the earlier stages was healthy with what that release has for it,
 * by its own words that NATS had stored by then, for as long as it soaks unless somebody promoted it, and when it was measured
 * well. Where a word may have been overwritten unread, the evidence that the hub wrote down before is taken instead.
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
        return why === undefined
          ? []
          : [violation('I5', fact, `although ${cluster} of an earlier stage ${why}`)];
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

/** Why a cluster had not proven by then that the next stage may begin; undefined when it had. */
function unproven(
  question: Question,
  given: readonly AssignFact[],
  said: readonly StatusFact[],
): string | undefined {
  const { fact, state, cluster, record } = question;
  const bundle = state.bundles[cluster];
  const last = given.at(-1);
  if (!last || last.body.bundle !== bundle) return 'has something else';
  const sinceMs = (given[given.findLastIndex((one) => one.body.bundle !== bundle) + 1] ?? last).atMs;
  const proof = said.find((word) => isProof(word, { question, last, sinceMs }));
  const mayBeUnread = record.statusGaps.some(({ fromMs, toMs }) => fromMs <= fact.atMs && toMs >= sinceMs);
  const isNoted = state.evidence.some((one) => one.cluster === cluster);
  if (!proof && !(mayBeUnread && isNoted)) return 'had not said that it is healthy';
  // A rebuilt ledger finds clusters where they are: what they passed before it was lost is not asked of it again.
  if (!isAnew(last, fact) || last.life !== fact.life) return undefined;
  return unpassed(question, sinceMs, mayBeUnread ? undefined : proof);
}

/** Why a healthy cluster had to stay in its stage for longer; without its first word of health its soak is not looked at. */
function unpassed(question: Question, sinceMs: number, proof: StatusFact | undefined): string | undefined {
  if (proof && !isSoaked(question, proof.atMs)) return 'had not soaked';
  return isMeasured(question, sinceMs) ? undefined : 'had not been measured';
}

/** What was assigned anew has to be proven anew; what was left alone is proven by its content. */
function isAnew(last: AssignFact, fact: AssignFact): boolean {
  return last.body.release === fact.body.release;
}

interface Since {
  readonly question: Question;
  readonly last: AssignFact;
  readonly sinceMs: number;
}

function isProof(word: StatusFact, { question: { fact, state, cluster }, last, sinceMs }: Since): boolean {
  const isInTime = word.atMs >= sinceMs && word.atMs <= fact.atMs;
  const isOfRelease = !isAnew(last, fact) || word.release === fact.body.release;
  return word.isGood && word.bundle === state.bundles[cluster] && isInTime && isOfRelease;
}

/** Whether a cluster was healthy for long enough, or somebody promoted its stage meanwhile. */
function isSoaked({ fact, record }: Question, healthyAtMs: number): boolean {
  const soakMs = record.soaksMs.get(fact.body.application) ?? 0;
  if (fact.atMs - healthyAtMs >= soakMs - slackMs) return true;
  return promotionsIn(record.ledger).some(
    (word) =>
      word.application === fact.body.application &&
      word.release === fact.body.release &&
      word.atMs >= healthyAtMs - slackMs &&
      word.atMs <= fact.atMs,
  );
}

/** Whether the source of a cluster had given a good number for this very release. */
function isMeasured({ fact, cluster, record }: Question, sinceMs: number): boolean {
  const { application, release } = fact.body;
  if (record.measured.get(application)?.includes(cluster) !== true) return true;
  return record.answers.some(
    (answer) =>
      answer.cluster === cluster &&
      answer.release === release &&
      answer.atMs >= sinceMs - slackMs &&
      answer.atMs <= fact.atMs + slackMs,
  );
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
