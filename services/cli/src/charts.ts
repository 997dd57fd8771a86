import { ChartBook, findHelm, openHelm } from '@meridian/helm';
import type { Helm } from '@meridian/helm';
import { systemClock } from '@meridian/runtime';
import { CliError, exitCodes } from './cli-error.ts';
import type { Io } from './io.ts';

/** Charts rendered by the helm of this machine, which is looked for when the first one is wanted. */
export interface Charts extends AsyncDisposable {
  readonly book: ChartBook;
  /** That helm. Throws CliError when there is none. */
  readonly helm: () => Promise<Helm>;
}

/** A book of charts for one command. Without such a program building what has charts throws CliError. */
export function chartsBy(io: Io, command: string): Charts {
  let opened: Promise<Helm> | undefined;
  const helm = async () =>
    await (opened ??= openHelm({ program: programAt(io, command), clock: systemClock }, io.signal));
  return {
    helm,
    book: new ChartBook({ render: async (chart, signal) => (await helm()).render(chart, signal) }),
    async [Symbol.asyncDispose]() {
      const open = await opened?.catch(() => undefined);
      await open?.[Symbol.asyncDispose]();
    },
  };
}

function programAt({ cwd, env }: Io, command: string): string {
  const found = findHelm(command, { cwd, path: env['PATH'] });
  if (found !== undefined) return found;
  throw new CliError(
    exitCodes.failed,
    `there are Helm charts to render, and ${command} is not on this machine`,
    'install Helm 3 or 4 (https://helm.sh/docs/intro/install), or say where it is with --helm-command',
  );
}
