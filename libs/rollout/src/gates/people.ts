import type { ApprovalGate } from '@meridian/fleet';
import type { AdvanceContext } from '../advance.ts';
import type { Decision, GateApproved, GateRejected } from '../events.ts';
import { fewOf } from '../few.ts';
import { isMoving } from '../moving.ts';
import type { GateApproval, GateProgress, Moving, RolloutState } from '../state.ts';
import { releaseText } from '../step.ts';
import { goOn } from '../told.ts';
import { already, unchanged } from '../unchanged.ts';
import { gateOf, mapGates, sides } from './gate-of.ts';
import { validApprovals } from './try-gate.ts';

/** A gate that people decide, where it stands. */
interface PeoplesGate {
  readonly gate: ApprovalGate;
  readonly progress: GateProgress;
}

/** Takes in a person's consent at a gate; whoever may not give it is refused with the reason. */
export function approvedGate(state: RolloutState, event: GateApproved, context: AdvanceContext): Decision {
  const found = meantGate(state, event);
  if ('decision' in found) return found.decision;
  const { gate, progress } = found;
  const moving = withAuthors(found.moving, event);
  if (progress.phase === 'passed')
    return already(state, `gate ${gate.name} is passed already: ${progress.message}`);
  if (progress.phase === 'failed')
    return unchanged(
      state,
      `gate ${gate.name} has failed: ${progress.message}; its next try comes with a retry, once the rollout has halted at it`,
    );
  const given = validApprovals(gate, progress, context.nowMs);
  const before = given.filter((one) => isSamePerson(one, event));
  const repeated = before.find((one) => isRepeated(one, event, context.nowMs));
  if (repeated) return already(state, repeatedText(gate, repeated));
  const why = barredText(event, gate) ?? authorText(moving, event, gate);
  if (why !== undefined) return unchanged(state, why);
  const others = given.filter((one) => !before.includes(one));
  const approvals = [...others, wordOf(event, before, context.nowMs)];
  const next = withGate(moving, { ...progress, approvals });
  const what = `${before.length > 0 ? 'renewed the approval of' : 'approved'} gate ${gate.name} of`;
  return goOn(state, next, { event, what, type: 'rollout.gate.approved', context });
}

/** Takes in that a person is against the release at a gate. Its author may say so as well. */
export function rejectedGate(state: RolloutState, event: GateRejected, context: AdvanceContext): Decision {
  const found = meantGate(state, event);
  if ('decision' in found) return found.decision;
  const { moving, gate, progress } = found;
  if (progress.phase === 'failed')
    return already(state, `gate ${gate.name} has failed already: ${progress.message}`);
  // Nobody may take it for a no that was heard.
  if (progress.phase === 'passed')
    return unchanged(
      state,
      `gate ${gate.name} is passed already: ${progress.message}; pause, abort or roll back the rollout instead`,
    );
  const why = barredText(event, gate);
  if (why !== undefined) return unchanged(state, why);
  const message = `rejected by ${event.author}: ${event.reason}`;
  const next = withGate(moving, { ...progress, phase: 'failed', message, sinceMs: context.nowMs });
  const what = `rejected gate ${gate.name} of`;
  return goOn(state, next, { event, what, type: 'rollout.gate.rejected', context });
}

type Meant = (PeoplesGate & { readonly moving: Moving }) | { readonly decision: Decision };

/** The gate that a person means; when that is not clear, the answer. */
function meantGate(state: RolloutState, { gate: name }: GateApproved | GateRejected): Meant {
  if (!isMoving(state) || state.phase === 'rollingBack')
    return { decision: unchanged(state, `no gate of ${state.application} is open: ${state.reason}`) };
  const all = peoplesGates(state);
  const meant = name === undefined ? openOnes(state, all) : all.filter((one) => one.gate.name === name);
  const [one, ...others] = meant;
  if (!one) return { decision: unchanged(state, noGateText(state, name, all)) };
  if (others.length > 0) {
    const names = fewOf(meant.map(({ gate }) => gate.name));
    return {
      decision: unchanged(
        state,
        `several gates of ${state.application} wait for people; name one of ${names}`,
      ),
    };
  }
  return { ...one, moving: state };
}

function peoplesGates({ target, stages }: Moving): PeoplesGate[] {
  return stages
    .flatMap((stage) => sides.flatMap((side) => stage[side] ?? []))
    .flatMap((progress) => {
      const gate = gateOf(target, progress.name);
      return gate?.kind === 'approval' ? [{ gate, progress }] : [];
    });
}

function openOnes(state: Moving, all: readonly PeoplesGate[]): PeoplesGate[] {
  const present = state.stages[state.stage];
  const here = sides.flatMap((side) => present?.[side] ?? []).map((gate) => gate.name);
  return all.filter(({ gate, progress }) => progress.phase === 'open' && here.includes(gate.name));
}

function noGateText(state: Moving, name: string | undefined, all: readonly PeoplesGate[]): string {
  const { application, reason } = state;
  if (name === undefined) return `no gate of ${application} waits for people now: ${reason}`;
  const names = all.length > 0 ? fewOf(all.map(({ gate }) => gate.name)) : 'none';
  return `${application} has no gate ${name} that people decide; there are: ${names}`;
}

function barredText({ author, roles }: GateApproved | GateRejected, gate: ApprovalGate): string | undefined {
  if (!gate.roles || gate.roles.some((role) => roles.includes(role))) return undefined;
  const has = roles.length > 0 ? `has ${roles.join(', ')}` : 'has none';
  return `gate ${gate.name} is for ${gate.roles.join(' or ')}, and ${author} ${has}`;
}

/** What git said too late for the release is known once somebody approves it. */
function withAuthors(state: Moving, { authors }: GateApproved): Moving {
  return state.target.authors || !authors ? state : { ...state, target: { ...state.target, authors } };
}

/** Whoever wrote a part of it does not count; when nobody knows who did, nobody counts. */
function authorText({ target }: Moving, event: GateApproved, gate: ApprovalGate): string | undefined {
  if (!gate.excludeAuthor) return undefined;
  const release = releaseText(target.release);
  if (!target.authors)
    return `nobody knows who wrote ${release}, so no approval of gate ${gate.name} counts; excludeAuthor: false takes them all`;
  const authors = new Set(target.authors.map(folded));
  const same = namesOf(event).find((name) => authors.has(name));
  return same === undefined
    ? undefined
    : `${event.author} is an author of ${release} (${same}), and gate ${gate.name} wants somebody else`;
}

/** A request that was sent twice, since its answer was lost, is one word: the very same within this time. */
const repeatedMs = 60_000;

function isRepeated(given: GateApproval, { author, reason }: GateApproved, nowMs: number): boolean {
  return given.author === author && given.reason === reason && nowMs - given.atMs < repeatedMs;
}

function repeatedText(gate: ApprovalGate, { author, atMs }: GateApproval): string {
  const until = new Date(atMs + gate.expiresAfterMs).toISOString().slice(0, 16);
  return `${author} has just approved gate ${gate.name} in these words, which count until ${until}Z`;
}

/** A person's newest word in the place of those before; all names that the person gave stay known, so that nobody counts twice. */
function wordOf(
  { author, reason, identities }: GateApproved,
  before: readonly GateApproval[],
  atMs: number,
): GateApproval {
  const names = [...identities, ...before.flatMap((one) => [one.author, ...one.identities])];
  const known = [...new Set(names)].filter((name) => name !== author);
  return { author, reason, identities: known, atMs };
}

function isSamePerson(given: GateApproval, event: GateApproved): boolean {
  const names = new Set(namesOf(given));
  return namesOf(event).some((name) => names.has(name));
}

function namesOf({ author, identities }: Pick<GateApproval, 'author' | 'identities'>): string[] {
  return [author, ...identities].map(folded);
}

/** As people read it: letters that are written in another way, or wider, and spaces between are no other name. */
function folded(name: string): string {
  return name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

function withGate(state: Moving, changed: GateProgress): Moving {
  const stages = state.stages.map((stage) =>
    mapGates(stage, (gate) => (gate.name === changed.name ? changed : gate)),
  );
  return { ...state, stages };
}
