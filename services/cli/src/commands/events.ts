import type { FleetEvent } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { createHints } from '../hints.ts';
import { refuseUnknownNames } from '../known-names.ts';
import { isEvents } from '../shapes.ts';
import type { Tone } from '../style.ts';
import { oneLine, timeText } from '../text.ts';

interface EventsParameters {
  readonly follow: boolean;
  readonly limit: number;
  readonly application?: string;
  readonly cluster?: string;
}

/** `meridian events [--follow] [--application A] [--cluster C] [--limit N]`: oldest first, as a log reads. */
export const events: Command<EventsParameters> = async (context, parameters) => {
  const api = context.client();
  const read = (limit: number) => api.get(`/v1/events?${query(parameters, limit)}`, isEvents);
  const first = [...(await read(parameters.limit))].reverse();
  if (first.length === 0) await refuseUnknownNames(api, parameters);
  if (!parameters.follow) {
    if (await context.printer.machine(first)) return exitCodes.ok;
    if (first.length === 0) context.printer.line('no events yet');
    for (const event of first) drawEvent(context, event);
    return exitCodes.ok;
  }
  await show(context, first);
  const hints = createHints(api, '/v1/events/stream', context.io.signal);
  const seen = createSeen(first);
  try {
    while (!context.io.signal.aborted) {
      await hints.next(2_000);
      const fresh = await read(followLimit).catch((error: unknown) => quietWhenAway(error));
      await show(context, fresh.reverse().filter(seen));
    }
  } finally {
    hints.close();
  }
  return exitCodes.ok;
};

const followLimit = 200;

/** A hub restart is no reason to stop following. */
function quietWhenAway(error: unknown): FleetEvent[] {
  if (error instanceof CliError && error.exitCode === exitCodes.unreachable) return [];
  throw error;
}

/** Tells events that were not shown yet; remembers the last few hundred. */
function createSeen(shown: readonly FleetEvent[]): (event: FleetEvent) => boolean {
  const keys = new Set(shown.map((event) => JSON.stringify(event)));
  return (event) => {
    const key = JSON.stringify(event);
    if (keys.has(key)) return false;
    keys.add(key);
    if (keys.size > followLimit * 5)
      for (const oldest of [...keys].slice(0, followLimit)) keys.delete(oldest);
    return true;
  };
}

async function show(context: CommandContext, list: readonly FleetEvent[]): Promise<void> {
  for (const event of list) if (!(await context.printer.machineLine(event))) drawEvent(context, event);
}

const tones: { readonly [level in FleetEvent['level']]: Tone } = {
  info: 'plain',
  warning: 'busy',
  error: 'bad',
};

function drawEvent({ printer, io }: CommandContext, event: FleetEvent): void {
  const about = [event.application, event.cluster].filter((name) => name !== undefined).join(' in ');
  const time = printer.paint('dim', timeText(event.atMs, io.nowMs()));
  const tone = tones[event.level] ?? 'plain';
  printer.raw(
    `${time} ${printer.paint(tone, oneLine(event.type).padEnd(24))} ${about === '' ? '' : `${oneLine(about)}: `}${oneLine(event.message)}\n`,
  );
}

function query({ application, cluster }: EventsParameters, limit: number): string {
  return new URLSearchParams({
    limit: String(limit),
    ...(application === undefined ? {} : { application }),
    ...(cluster === undefined ? {} : { cluster }),
  }).toString();
}
