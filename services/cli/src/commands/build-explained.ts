import { resolve } from 'node:path';
import type { ExplainedField, FieldSource } from '@meridian/fleet';
import {
  chartFiles,
  explainApplication,
  explainBuild,
  explainWholeApplication,
  explainWholeBuild,
  type ChartOutputs,
  type ChartRequest,
  type Explained,
  type FileTree,
  type WhollyExplained,
} from '@meridian/kustomize';
import { chartsBy } from '../charts.ts';
import { openCheckout } from '../checkout/checkout.ts';
import { subjectOf } from '../checkout/subject.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { diskTree } from '../disk-tree.ts';
import { tellExplained } from '../explained.ts';
import { fromRealDirectory, shownPath, tell } from '../told.ts';
import type { ApplicationParameters } from './build-application.ts';
import type { BuildParameters } from './build.ts';

/** What is to be explained: all objects when none is named, all its fields when none is. */
export interface Asked {
  readonly object?: string | undefined;
  readonly field?: string | undefined;
}

/** `meridian build PATH --explain [OBJECT [FIELD]]`: what set the fields, as `meridian explain` tells it. */
export const explainPath: Command<BuildParameters & Asked> = async (context, parameters) => {
  const { object, field = '', path, helmCommand, ...options } = parameters;
  const tree = diskTree(context.io.cwd);
  const root = resolve(context.io.cwd, path).slice(1);
  const explain = (charts?: ChartOutputs) => {
    const build = { tree, root, options: charts ? { ...options, charts } : options };
    return object === undefined ? explainWholeBuild(build) : explainBuild(build, { object, field });
  };
  const explained =
    helmCommand === undefined ? explain() : await withCharts(context, { tree, helmCommand, explain });
  return told(context, explained, { root: '/', subject: path });
};

/** `meridian build --application NAME --cluster C --explain [OBJECT [FIELD]]`: the same for what a cluster would get. */
export const explainInCheckout: Command<ApplicationParameters & Asked> = async (given, parameters) => {
  const context = fromRealDirectory(given);
  const { cwd } = context.io;
  const { object, field = '', helmCommand } = parameters;
  const { root, tree, parsed } = openCheckout(cwd, parameters.fleetPath);
  const subject = subjectOf({ root, tree, parsed }, { ...parameters, cwd });
  const place = { root, subject: `${parameters.application} in ${parameters.cluster}` };
  if ('errors' in subject) return told(context, subject, place);
  const { name } = subject.application;
  const declaration = parsed.declarations.get(name);
  if (!declaration) throw new Error(`${name} is sound and declared nowhere`);
  const explain = (charts: ChartOutputs) => {
    const request = { tree, ...subject, declaration, charts };
    return object === undefined
      ? explainWholeApplication(request)
      : explainApplication({ ...request, object, field });
  };
  const explained = await withCharts(context, { tree, helmCommand, explain });
  return told(context, explained, { ...place, subject: `${name} in ${parameters.cluster}` });
};

interface WithCharts {
  readonly tree: FileTree;
  readonly helmCommand: string;
  readonly explain: (charts: ChartOutputs) => Explained | WhollyExplained;
}

async function withCharts({ io }: CommandContext, { tree, helmCommand, explain }: WithCharts) {
  await using charts = chartsBy(io, helmCommand);
  const contentOf = (request: ChartRequest) => chartFiles(tree, request);
  return await charts.book.build({ build: explain, contentOf }, io.signal);
}

interface Place {
  /** The directory that paths are below. */
  readonly root: string;
  readonly subject: string;
}

async function told(
  context: CommandContext,
  explained: Explained | WhollyExplained,
  { root, subject }: Place,
): Promise<number> {
  const { io, printer } = context;
  if ('errors' in explained) {
    for (const told of explained.errors) tell(context, 'error', { told, root });
    return exitCodes.failed;
  }
  if ('message' in explained) throw new CliError(exitCodes.failed, explained.message, explained.fix);
  const shown = (path: string) => shownPath(path, { root, cwd: io.cwd });
  const one = (each: Extract<Explained, { readonly fields: unknown }>) => ({
    object: each.object,
    fields: each.fields.map((field) => withPaths(field, shown)),
  });
  const answer = 'objects' in explained ? explained.objects.map(one) : one(explained);
  if (await printer.machine(answer)) return exitCodes.ok;
  for (const each of Array.isArray(answer) ? answer : [answer]) tellExplained(printer, subject, each);
  return exitCodes.ok;
}

function withPaths({ field, history }: ExplainedField, shown: (path: string) => string): ExplainedField {
  const placed = (source: FieldSource): FieldSource => ({
    ...source,
    file: shown(source.file),
    ...(source.written ? { written: { ...source.written, file: shown(source.written.file) } } : {}),
  });
  return { field, history: history.map((change) => ({ ...change, source: placed(change.source) })) };
}
