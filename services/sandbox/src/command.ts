import { startDetached } from './detach.ts';
import { parseOptions } from './options.ts';
import { streamProgress } from './progress.ts';
import { runInBackground, runInForeground } from './run.ts';
import { explain } from './sandbox-error.ts';
import { reset, stop, sweep } from './stop.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, process.cwd());
  switch (options.command) {
    case 'stop':
      return stop(options, say);
    case 'reset':
      return reset(options, say);
    case 'sweep':
      return sweep(options);
    case 'start':
      if (options.background) return runInBackground(options);
      if (options.detach) return startDetached(options, args, streamProgress(process.stdout));
      return runInForeground(options, streamProgress(process.stdout));
  }
}

/** Carries out a command line and gives the exit code; prints whatever goes wrong. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    const { text, exitCode } = explain(error);
    process.stderr.write(`${text}\n`);
    return exitCode;
  }
}
