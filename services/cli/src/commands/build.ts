import { relative, resolve } from 'node:path';
import {
  buildKustomization,
  chartFiles,
  yamlOf,
  type BuildOptions,
  type Built,
  type ChartRequest,
} from '@meridian/kustomize';
import { chartsBy } from '../charts.ts';
import { exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { diskTree } from '../disk-tree.ts';
import { oneLine } from '../text.ts';

/** What `meridian build` is told. */
export interface BuildParameters extends BuildOptions {
  readonly path: string;
  /** The helm that renders charts; without it they are refused. */
  readonly helmCommand?: string | undefined;
}

/** `meridian build PATH`: what `kustomize build PATH` prints. On error nothing is on stdout, and stderr says where. */
export const build: Command<BuildParameters> = async (context, parameters) => {
  const { printer } = context;
  const built = await builtAt(context, parameters);
  if ('errors' in built) {
    for (const error of built.errors) tell(context, 'error', error);
    return exitCodes.failed;
  }
  for (const warning of built.warnings) tell(context, 'warning', warning);
  printer.raw(yamlOf(built.objects));
  return exitCodes.ok;
};

async function builtAt(
  { io }: CommandContext,
  { path, helmCommand, ...options }: BuildParameters,
): Promise<Built> {
  const root = resolve(io.cwd, path).slice(1);
  const tree = diskTree(io.cwd);
  if (helmCommand === undefined) return buildKustomization(tree, root, options);
  await using charts = chartsBy(io, helmCommand);
  return await charts.book.build(
    {
      build: (outputOf) => buildKustomization(tree, root, { ...options, charts: outputOf }),
      contentOf: (request: ChartRequest) => chartFiles(tree, request),
    },
    io.signal,
  );
}

interface Told {
  readonly file: string;
  readonly line?: number | undefined;
  readonly field?: string | undefined;
  readonly message: string;
  readonly fix?: string | undefined;
}

function tell({ io, printer }: CommandContext, what: 'error' | 'warning', told: Told): void {
  const file = relative(io.cwd, `/${told.file}`);
  const place = [file === '' ? '.' : file, ...(told.line === undefined ? [] : [told.line])].join(':');
  const field = told.field === undefined ? '' : `${told.field}: `;
  const mark = printer.paint(what === 'error' ? 'bad' : 'busy', `${what}:`);
  io.stderr.write(
    `${mark} ${oneLine(`${place}: ${field}${told.message}`)}\n${told.fix === undefined ? '' : `  fix: ${oneLine(told.fix)}\n`}`,
  );
}
