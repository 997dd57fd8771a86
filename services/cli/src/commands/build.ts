import { relative, resolve } from 'node:path';
import { buildKustomization, yamlOf, type BuildOptions } from '@meridian/kustomize';
import { exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { diskTree } from '../disk-tree.ts';
import { oneLine } from '../text.ts';

/** What `meridian build` is told. */
export interface BuildParameters extends BuildOptions {
  readonly path: string;
}

/** `meridian build PATH`: what `kustomize build PATH` prints. On error nothing is on stdout, and stderr says where. */
export const build: Command<BuildParameters> = (context, { path, ...options }) => {
  const { io, printer } = context;
  const built = buildKustomization(diskTree(io.cwd), resolve(io.cwd, path).slice(1), options);
  if ('errors' in built) {
    for (const error of built.errors) tell(context, 'error', error);
    return Promise.resolve(exitCodes.failed);
  }
  for (const warning of built.warnings) tell(context, 'warning', warning);
  printer.raw(yamlOf(built.objects));
  return Promise.resolve(exitCodes.ok);
};

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
