import { createWake } from '@meridian/runtime';
import type { GateAnswered } from '@meridian/rollout';
import type { SourceRevision } from '../sources/source.ts';
import type { Command } from './commands.ts';

/** A command and whoever waits for its answer. */
export interface AskedCommand {
  readonly command: Command;
  readonly answer: PromiseWithResolvers<{ readonly reason: string }>;
}

/** What another system said of a gate of an application. */
export interface AnswerAtGate {
  readonly application: string;
  readonly event: GateAnswered;
}

/** What happened since the leader last looked. */
export interface Mail {
  /** The newest confirmed revision; older ones that came between are of no use any more. */
  readonly source: SourceRevision | undefined;
  /** Application -> clusters with a new report; the reports themselves are in the status memory. */
  readonly reports: ReadonlyMap<string, ReadonlySet<string>>;
  readonly commands: readonly AskedCommand[];
  /** What other systems said of gates. */
  readonly answers: readonly AnswerAtGate[];
}

/** What wakes the leader. Names only, merged while it is busy, so that it is bounded by the size of the fleet. */
export interface Inbox {
  putSource(source: SourceRevision): void;
  putReport(application: string, cluster: string): void;
  /** False when too many commands wait. */
  putCommand(asked: AskedCommand): boolean;
  /** At most one for each gate that is asked at once. */
  putAnswer(answer: AnswerAtGate): void;
  /** Waits for mail for at most `ms`, and takes all there is. */
  take(ms: number, signal: AbortSignal): Promise<Mail>;
}

const mostCommands = 100;

/** An empty inbox. */
export function createInbox(): Inbox {
  const wake = createWake();
  let source: SourceRevision | undefined;
  let reports = new Map<string, Set<string>>();
  let commands: AskedCommand[] = [];
  let answers: AnswerAtGate[] = [];
  return {
    putSource(found) {
      source = found;
      wake.ring();
    },
    putReport(application, cluster) {
      reports.set(application, (reports.get(application) ?? new Set()).add(cluster));
      wake.ring();
    },
    putCommand(asked) {
      if (commands.length >= mostCommands) return false;
      commands.push(asked);
      wake.ring();
      return true;
    },
    putAnswer(answer) {
      answers.push(answer);
      wake.ring();
    },
    async take(ms, signal) {
      await wake.next(ms, signal);
      const mail = { source, reports, commands, answers };
      source = undefined;
      reports = new Map();
      commands = [];
      answers = [];
      return mail;
    },
  };
}
