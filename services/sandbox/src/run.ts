import { readFileSync } from 'node:fs';
import type { BackgroundMessage } from './detach.ts';
import { healthyWithinMs, lookAt, waitUntilHealthy } from './healthy.ts';
import { secretFiles } from './identity.ts';
import { showLiveStatus } from './live-status.ts';
import type { SandboxOptions } from './options.ts';
import { checkSamePlan } from './plan.ts';
import { messageProgress, step } from './progress.ts';
import type { Progress } from './progress.ts';
import { explain } from './sandbox-error.ts';
import { AlreadyRunning, startFleet } from './start.ts';
import type { RunningFleet } from './start.ts';
import { listenForStop } from './stop-signal.ts';
import { summaryText } from './summary.ts';

/** Runs the fleet until Ctrl-C. */
export async function runInForeground(options: SandboxOptions, progress: Progress): Promise<number> {
  const stopping = listenForStop();
  const fleet = await startOrDescribe(options, progress, stopping.signal);
  if (fleet === undefined) return 0;
  stopping.onSecond(() => fleet.kill());
  try {
    await settle(fleet, options, { progress, signal: stopping.signal });
    if (process.stdout.isTTY) await showLiveStatus(fleet, process.stdout, stopping.signal);
    else await stopping.stopped;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    await step(progress, 'stopping everything', () => fleet.stop());
  }
  return 0;
}

/** The same without a terminal: tells the starter how it went, then runs until it is stopped. */
export async function runInBackground(options: SandboxOptions): Promise<number> {
  const send = (message: BackgroundMessage) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  process.on('disconnect', () => undefined);
  const progress = messageProgress(send);
  const stopping = listenForStop();
  let fleet: RunningFleet | undefined;
  try {
    fleet = await startOrDescribe(options, progress, stopping.signal);
    if (fleet === undefined) {
      send({ kind: 'ended', exitCode: 0 });
      return 0;
    }
    const healthy = await settle(fleet, options, { progress, signal: stopping.signal });
    send({ kind: 'ended', exitCode: healthy ? 0 : 1 });
    await stopping.stopped;
  } catch (error) {
    const { text, exitCode } = explain(error);
    send({ kind: 'ended', exitCode, error: text });
    if (!stopping.signal.aborted) throw error;
  } finally {
    await fleet?.stop();
  }
  return 0;
}

/** Starts the fleet; when one runs already, says so with its summary and gives undefined. */
async function startOrDescribe(
  options: SandboxOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunningFleet | undefined> {
  try {
    return await startFleet(options, progress, signal);
  } catch (error) {
    if (!(error instanceof AlreadyRunning) || error.plan === undefined) throw error;
    const { data, plan } = error;
    checkSamePlan(plan, options);
    const token = readFileSync(secretFiles(data).cliToken, 'utf8').trim();
    const outlook = await lookAt({ data, plan, token, startedAtMs: 0 }, signal);
    progress.say(`${error.message}; "npm run stop" stops it\n\n${summaryText(data, plan, outlook)}`);
    return undefined;
  }
}

/** Waits for health and prints the summary; gives whether all is well. */
async function settle(
  fleet: RunningFleet,
  options: SandboxOptions,
  shown: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<boolean> {
  const { progress, signal } = shown;
  const outlook = await step(progress, 'waiting until every application is synced and healthy', () =>
    waitUntilHealthy(fleet, {
      withinMs: options.healthyWithinMs ?? healthyWithinMs(fleet.plan.clusters.length),
      signal,
      onProgress: (text) => progress.detail(text),
    }),
  );
  progress.say(`\n${summaryText(fleet.data, fleet.plan, outlook)}\n`);
  return outlook.unfinished.length === 0;
}
