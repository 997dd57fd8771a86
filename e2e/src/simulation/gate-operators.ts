import type { RolloutState } from '@meridian/rollout';
import { gatesIn } from './gate-log.ts';
import type { GateLog } from './gate-log.ts';
import { isCommitter, people } from './people.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';

/** What somebody sees who is to decide at a gate. */
export interface GateSight {
  readonly state: RolloutState;
  readonly gates: GateLog;
  readonly random: Random;
}

/** What somebody says at a gate. */
export interface GateSaying {
  readonly verb: 'approve' | 'reject';
  readonly author: string;
  readonly release: string;
  readonly gate?: string;
  readonly roles: readonly string[];
  readonly identities: readonly string[];
}

/** Words at gates of people: of those who may and those who may not, also ahead of time, too late, or of a release that was. */
export function sayingsAtGates({ state, gates, random }: GateSight): readonly GateSaying[] {
  const named = peoplesGates(state, gates);
  const open = named.filter(({ phase }) => phase === 'open');
  const meant = open.length > 0 && random.chance(0.85) ? open : named;
  if (meant.length === 0) return [];
  const { name } = random.pick(meant);
  const isOnly = open.length === 1 && open[0]?.name === name;
  const gate = isOnly && random.chance(0.3) ? {} : { gate: name };
  const verb = random.chance(0.08) ? 'reject' : 'approve';
  const release = random.chance(0.1) ? formerRelease(state, random) : state.target.release.digest;
  return somePeople(random).map((person) => ({ verb, ...who(person, random), release, ...gate }));
}

/** One, two at once, or one and the same twice, maybe by another token. */
function somePeople(random: Random): readonly Person[] {
  const first = random.pick(people);
  return random.pick([[first], [first], [first, first], [first, random.pick(people)]]);
}

/** What it takes for all gates of people that are open to pass: somebody who may and has not yet says yes to each. */
export function dutyAtGates({ state, gates, random }: GateSight): readonly GateSaying[] {
  if (state.phase !== 'progressing' || state.paused) return [];
  const release = state.target.release.digest;
  return peoplesGates(state, gates)
    .filter(({ phase }) => phase === 'open')
    .flatMap(({ name, required, roles }) =>
      people
        .filter(({ name: person }) => !isCommitter(person))
        .filter((person) => !roles || roles.some((role) => person.roles.includes(role)))
        .slice(0, required)
        .map((person) => ({ verb: 'approve', ...who(person, random), release, gate: name }) as const),
    );
}

function peoplesGates(state: RolloutState, gates: GateLog) {
  return gatesIn(state).flatMap(({ progress: { name, phase } }) => {
    const gate = gates.gateOf(state, name);
    return gate?.kind === 'approval' ? [{ name, phase, required: gate.required, roles: gate.roles }] : [];
  });
}

function formerRelease({ kept, history, target }: RolloutState, random: Random): string {
  const former = [...kept.map(({ digest }) => digest), ...history.map(({ release }) => release)];
  return former.length > 0 ? random.pick(former) : target.release.digest;
}

function who({ tokens, roles, identities }: Person, random: Random) {
  return { author: random.pick(tokens), roles, identities };
}
