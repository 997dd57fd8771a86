import { setTimeout as wait } from 'node:timers/promises';
import { lookAt } from './healthy.ts';
import type { RunningFleet } from './start.ts';

/** Keeps one line of live status at the bottom of a terminal until `signal` aborts. */
export async function showLiveStatus(
  fleet: RunningFleet,
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      stream.write(
        `\r\x1b[2K${(await statusLine(fleet, signal)).slice(0, Math.max(20, stream.columns - 1))}`,
      );
      await wait(2_000, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.write('\r\x1b[2K');
  }
}

async function statusLine(fleet: RunningFleet, signal: AbortSignal): Promise<string> {
  const { picture, counts, unfinished } = await lookAt(fleet, signal);
  if (picture === undefined) return 'no hub answers · Ctrl-C stops';
  const { well, total } = counts;
  const { hub, source, clusters } = picture.fleet;
  const parts = [
    `${clusters.connected}/${clusters.total} clusters`,
    `${well}/${total} well`,
    `at ${source.revision?.slice(0, 7) ?? 'no commit'}`,
    `leader ${hub.leader ?? 'none'}`,
    ...(unfinished[0] === undefined ? [] : [unfinished[0]]),
    'Ctrl-C stops',
  ];
  return parts.join(' · ');
}
