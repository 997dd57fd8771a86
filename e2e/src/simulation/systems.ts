import type { JobCheck } from '@meridian/fleet';
import type { LeaderPorts } from '@meridian/hub';
import type { EndedJob, GateLog, Reading } from './gate-log.ts';
import { mostGood } from './gate-author.ts';
import type { Random } from './random.ts';
import type { Repo } from './repo.ts';
import type { Process, Schedule } from './schedule.ts';

type AskGate = LeaderPorts['askGate'];
type Question = Parameters<AskGate>[0];
type Verdict = Awaited<ReturnType<AskGate>>['verdict'];

interface SystemsWorld {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly repo: Repo;
  readonly log: GateLog;
  readonly plan: SystemsPlan;
}

/** A question that nobody answers is given up after so long (`services/hub/src/leading/gate-question.ts`). */
const answerTimeoutMs = 10_000;

/** A Job in a cluster: it outlives the agent that made it. */
export interface SimulatedJob {
  readonly startedAtMs: number;
  readonly endsAtMs: number;
  readonly willSucceed: boolean;
  readonly release: string;
}

type SpellKind = 'good' | 'bad' | 'noNumber' | 'nothing';

/** How a metrics source is for a while. */
interface Spell {
  readonly untilMs: number;
  readonly kind: SpellKind;
}

/** What other systems say until all is calm; each word is as likely as it is often there. */
export interface SystemsPlan {
  readonly spells: readonly SpellKind[];
  readonly verdicts: readonly Verdict[];
  /** Share of the Jobs that come to an end which complete. */
  readonly completed: number;
}

/** Other systems as they mostly are. */
export const usualSystems: SystemsPlan = {
  spells: ['good', 'good', 'good', 'good', 'bad', 'noNumber', 'nothing'],
  verdicts: ['pass', 'pass', 'pass', 'wait', 'wait', 'wait', 'fail'],
  completed: 0.8,
};

/** Everything that gates ask beside people: systems behind webhooks, metrics sources, Jobs, and git for who wrote what. */
export class Systems {
  readonly #world: SystemsWorld;
  readonly #spells = new Map<string, Spell>();
  #isCalm = false;

  constructor(world: SystemsWorld) {
    this.#world = world;
  }

  /** Everybody answers, and says yes. */
  calm(): void {
    this.#isCalm = true;
    this.#spells.clear();
  }

  /** Who wrote the commits between two revisions; at times git cannot say. */
  async authors(change: { readonly from: string | undefined; readonly to: string }) {
    const { repo, random } = this.#world;
    return !this.#isCalm && random.chance(0.1) ? undefined : repo.authorsOf(change);
  }

  /** Asks another system about a gate for a hub: the answer comes at once, late, or not at all. */
  ask(process: Process, { application, gate, attempt, target }: Question): ReturnType<AskGate> {
    const { schedule, random, log } = this.#world;
    const askedAtMs = schedule.nowMs;
    const { number: rollout, release } = target;
    const about = { rollout, release: release.digest, gate: gate.name };
    const delayMs = this.#isCalm
      ? random.whole(5, 200)
      : random.pick([random.whole(5, 200), random.whole(5, 200), random.whole(500, 9_900), answerTimeoutMs]);
    return new Promise((resolve) => {
      const give = (verdict: Verdict, message: string) =>
        resolve({ kind: 'gateAnswered', ...about, attempt, verdict, message });
      if (delayMs >= answerTimeoutMs)
        return void schedule.after(delayMs, process, () => give('wait', 'nothing came'));
      const verdict = this.#verdict();
      log.answers.push({ application, ...about, askedAtMs, verdict });
      schedule.after(delayMs, process, () => give(verdict, ''));
    });
  }

  #verdict(): Verdict {
    const { random, plan } = this.#world;
    return this.#isCalm ? 'pass' : random.pick(plan.verdicts);
  }

  /** What a metrics source in a cluster says to a query at a time of the agent's clock, as Prometheus writes it. */
  measure(
    cluster: string,
    application: string,
    { query, nowMs }: { readonly query: string; readonly nowMs: number },
  ) {
    const { schedule, random, log } = this.#world;
    const [gate = ''] = query.split(' ');
    const { kind } = this.#spell(`${cluster} ${gate}`);
    const value = kind === 'bad' ? random.whole(mostGood + 1, 30) : random.whole(0, mostGood);
    const isNumber = kind === 'good' || kind === 'bad';
    const reading: Reading = { atMs: schedule.nowMs, value: isNumber ? value : undefined };
    const key = `${application} ${cluster} ${gate}`;
    log.readings.set(key, [...(log.readings.get(key) ?? []), reading]);
    const sample = [nowMs / 1_000, isNumber ? `${value}` : 'NaN'];
    const result = kind === 'nothing' ? [] : [{ metric: {}, value: sample }];
    return {
      status: 200,
      body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }),
    };
  }

  #spell(key: string): Spell {
    const { schedule, random, plan } = this.#world;
    const { nowMs } = schedule;
    const known = this.#spells.get(key);
    if (this.#isCalm) return { untilMs: Infinity, kind: 'good' };
    if (known && known.untilMs > nowMs) return known;
    const kind = random.pick(plan.spells);
    const ms = kind === 'bad' ? random.whole(500, 6_000) : random.whole(3_000, 25_000);
    const spell = { untilMs: nowMs + ms, kind };
    this.#spells.set(key, spell);
    return spell;
  }

  /** A Job was seen to have ended. */
  jobEnded(key: string, job: EndedJob): void {
    const { jobs } = this.#world.log;
    jobs.set(key, [...(jobs.get(key) ?? []), job]);
  }

  /** A Job as it begins. */
  begin({ timeoutMs }: Pick<JobCheck, 'timeoutMs'>, release: string): SimulatedJob {
    const { schedule, random, plan } = this.#world;
    const startedAtMs = schedule.nowMs;
    const isEndless = !this.#isCalm && random.chance(0.1);
    const willSucceed = this.#isCalm || (!isEndless && random.chance(plan.completed));
    const ms = isEndless ? timeoutMs : random.whole(300, 5_000);
    return { startedAtMs, endsAtMs: startedAtMs + ms, willSucceed, release };
  }
}
