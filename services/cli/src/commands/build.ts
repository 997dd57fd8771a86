import { resolve } from 'node:path';
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
import { tell } from '../told.ts';
import { writeObjects } from '../write-objects.ts';

/** What `meridian build` is told. */
export interface BuildParameters extends BuildOptions {
  readonly path: string;
  /** The helm that renders charts; without it they are refused. */
  readonly helmCommand?: string | undefined;
  /** A file, or a directory for a file of each object; standard output without it. */
  readonly output?: string | undefined;
}

/** `meridian build PATH`: what `kustomize build PATH` prints. On error nothing is on stdout, and stderr says where. */
export const build: Command<BuildParameters> = async (context, parameters) => {
  const built = await builtAt(context, parameters);
  if ('errors' in built) {
    for (const told of built.errors) tell(context, 'error', { told, root: '/' });
    return exitCodes.failed;
  }
  for (const told of built.warnings) tell(context, 'warning', { told, root: '/' });
  const objects = built.objects.map(({ fields }) => fields);
  writeObjects(context, parameters.output, {
    objects,
    yaml: (some) => yamlOf(some.map((fields) => ({ fields }))),
  });
  return exitCodes.ok;
};

async function builtAt(
  { io }: CommandContext,
  { path, helmCommand, output: _output, ...options }: BuildParameters,
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
