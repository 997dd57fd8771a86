import { open, stat } from 'node:fs/promises';
import { parseAgentLimits } from '@meridian/fleet';
import type { AgentLimits, FleetEvent } from '@meridian/fleet';
import { errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import type { Log } from '../ports.ts';
import type { SettableLimits } from './local-limits.ts';

/** The largest file that is read; 1,000 names of each sort fit several times. */
const maxBytes = 256 * 1024;

const lookMs = 1_000;

/** What following a file takes. */
export interface LimitsFileConfig {
  readonly file: string;
  readonly limits: SettableLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (event: Omit<FleetEvent, 'atMs' | 'cluster'>) => void;
}

/** Limits in a file that is read again and again: a mounted ConfigMap, or a file that a person edits. */
export interface LimitsFile {
  /** Reads it for the first time; what cannot be read leaves the limits as they were made, and is told. */
  load(): Promise<void>;
  /** Follows it until `signal` aborts. What cannot be read any more leaves the limits that were read last in force. */
  run(signal: AbortSignal): Promise<void>;
}

type Read = { readonly text: string } | { readonly problem: string };

/** Opens a file of limits. */
export function openLimitsFile(config: LimitsFileConfig): LimitsFile {
  const { file, limits, clock } = config;
  const voice = createVoice(config);
  let taken = '';
  let last = '';

  const take = (read: Read) => {
    taken = JSON.stringify(read);
    const parsed = 'text' in read ? parse(read.text, file) : read;
    if ('problem' in parsed) {
      limits.setProblem(parsed.problem);
      voice.broken(parsed.problem);
      return;
    }
    limits.set(parsed.limits);
    voice.follows();
  };

  return {
    async load() {
      take(await read(file));
      last = taken;
      voice.look();
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.wait(lookMs, signal);
        if (signal.aborted) return;
        const found = await read(file);
        const text = JSON.stringify(found);
        // Only what is found twice is taken: a file may be read while somebody writes it.
        if (text === last && text !== taken) take(found);
        last = text;
        limits.look();
        voice.look();
      }
    },
  };
}

async function read(file: string): Promise<Read> {
  try {
    if (!(await stat(file)).isFile()) return { problem: `${file} is no file` };
    await using handle = await open(file);
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead > maxBytes) return { problem: `${file} is larger than ${maxBytes / 1024} KiB` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, bytesRead)) };
  } catch (error) {
    return { problem: `${file} cannot be read: ${errorText(error)}` };
  }
}

function parse(text: string, file: string): { readonly limits: AgentLimits } | { readonly problem: string } {
  const parsed = parseAgentLimits(text, file);
  if (parsed.ok) return parsed;
  const [first, ...more] = parsed.problems;
  const place = first?.line === undefined ? file : `${file}:${first.line}`;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  return { problem: `${place}: ${first?.message ?? 'it cannot be read'}${others}` };
}

/** Says what becomes of the limits, each thing once. */
function createVoice({ limits, log, tell }: LimitsFileConfig) {
  let stop: string | undefined;
  return {
    broken(problem: string) {
      const what =
        limits.revision > 0
          ? 'the limits before it stay in force'
          : 'nothing is written until it can be read';
      log.error({ reason: problem }, 'the limits of this cluster cannot be read');
      tell({ level: 'error', type: 'limits.broken', message: `${problem}; ${what}` });
    },
    follows() {
      const rules = limits.report()?.rules ?? [];
      log.info({ reason: rules }, 'follows the limits of this cluster');
      const message =
        rules.length === 0 ? 'this cluster has no limits' : `this cluster has limits: ${rules.join('; ')}`;
      tell({ level: 'info', type: 'limits.changed', message });
    },
    look() {
      const now = limits.stopped();
      if (now === stop) return;
      if (now === undefined) {
        log.info({}, 'writes again');
        tell({
          level: 'info',
          type: 'freeze.ended',
          message: 'this cluster is not frozen any more; what drifted is healed',
        });
      } else {
        log.warn({ reason: now }, 'nothing is written for now');
        tell({ level: 'warning', type: 'freeze.started', message: now });
      }
      stop = now;
    },
  };
}
