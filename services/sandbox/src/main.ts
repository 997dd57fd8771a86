import { startDetached } from './detach.ts';
import type { BackgroundMessage } from './detach.ts';
import { readFileSync } from 'node:fs';
import { lookAt, waitUntilHealthy } from './healthy.ts';
import { secretFiles } from './identity.ts';
import { showLiveStatus } from './live-status.ts';
import { parseOptions } from './options.ts';
import type { SandboxOptions } from './options.ts';
import { checkSamePlan } from './plan.ts';
import { messageProgress, step, streamProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { explain } from './sandbox-error.ts';
import { AlreadyRunning, startFleet } from './start.ts';
import type { RunningFleet } from './start.ts';
import { reset, stop, sweep } from './stop.ts';
import { summaryText } from './summary.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, process.cwd());
  if (options.command === 'stop') return stop(options, say);
  if (options.command === 'reset') return reset(options, say);
  if (options.command === 'sweep') return sweep(options);
  if (options.background) return inBackground(options);
  if (options.detach) return startDetached(options, args, streamProgress(process.stdout));
  return inForeground(options, streamProgress(process.stdout));
}

/** Runs the fleet until Ctrl-C. */
async function inForeground(options: SandboxOptions, progress: Progress): Promise<number> {
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
async function inBackground(options: SandboxOptions): Promise<number> {
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
    send({ kind: 'say', text });
    send({ kind: 'ended', exitCode });
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
    const outlook = await lookAt({ data, plan, token }, signal);
    progress.say(
      `${error.message}; "npm run stop" stops it\n\n${summaryText(data, plan, outlook.picture, outlook.unfinished)}`,
    );
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
      withinMs: options.healthyWithinMs,
      signal,
      onProgress: (text) => progress.detail(text),
    }),
  );
  progress.say(`\n${summaryText(fleet.data, fleet.plan, outlook.picture, outlook.unfinished)}\n`);
  return outlook.unfinished.length === 0;
}

/** The first signal stops in order, the second at once. */
function listenForStop() {
  const controller = new AbortController();
  let second = () => undefined as void;
  let stop = () => undefined as void;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  // The wait for a signal must keep the process alive by itself.
  const alive = setTimeout(() => undefined, 2 ** 31 - 1);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        second();
        process.exit(130);
      }
      clearTimeout(alive);
      controller.abort(new Error('stopped before it was up'));
      stop();
    });
  }
  return {
    signal: controller.signal,
    stopped,
    onSecond(action: () => void) {
      second = action;
    },
  };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { text, exitCode } = explain(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
// Nothing may keep a stopped sandbox alive.
if (process.argv[2] === 'start') process.exit();
