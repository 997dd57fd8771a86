import { idleOverrides, withDeclaredPlace } from '@meridian/fleet';
import { chartFiles, type ChartRequest, type ResolvedApplication } from '@meridian/kustomize';
import { toYaml } from '@meridian/manifests';
import { Judge, PolicySets, resolveUnderPolicies } from '@meridian/policy';
import { chartsBy } from '../charts.ts';
import { openCheckout, type Checkout } from '../checkout/checkout.ts';
import { subjectOf, type Subject } from '../checkout/subject.ts';
import { exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { fromRealDirectory, tell } from '../told.ts';
import { writeObjects } from '../write-objects.ts';

/** What `meridian build --application` is told. */
export interface ApplicationParameters {
  /** Its name, or the file that declares it. */
  readonly application: string;
  readonly cluster: string;
  readonly fleetPath: string;
  /** The helm that renders charts. */
  readonly helmCommand: string;
  /** A file, or a directory for a file of each object; standard output without it. */
  readonly output?: string | undefined;
}

/**
 * `meridian build --application NAME --cluster C`: what a hub would give to that cluster if the files of this checkout were
 * committed. On error, which what a policy denies is as well, nothing is on stdout, and stderr says where.
 */
export const buildApplication: Command<ApplicationParameters> = async (context, parameters) => {
  const here = fromRealDirectory(context);
  const { cwd } = here.io;
  const checkout = openCheckout(cwd, parameters.fleetPath);
  const { root } = checkout;
  const subject = subjectOf(checkout, { ...parameters, cwd });
  const resolved = 'errors' in subject ? subject : await resolvedIn(checkout, subject, here, parameters);
  if ('errors' in resolved) {
    for (const told of resolved.errors) tell(here, 'error', { told, root });
    return exitCodes.failed;
  }
  for (const told of resolved.warnings) tell(here, 'warning', { told, root });
  writeObjects(here, parameters.output, { objects: resolved.bundle.objects, yaml: toYaml });
  return exitCodes.ok;
};

async function resolvedIn(
  { tree, parsed }: Checkout,
  subject: Subject,
  { io }: CommandContext,
  { helmCommand }: ApplicationParameters,
): Promise<ResolvedApplication> {
  const { application, cluster } = subject;
  const { policies } = new PolicySets(parsed.config.policies).for(application, cluster);
  const judge = new Judge();
  await using charts = chartsBy(io, helmCommand);
  const resolved = await charts.book.build(
    {
      build: (outputOf) => resolveUnderPolicies({ tree, ...subject, charts: outputOf }, policies, judge),
      contentOf: (request: ChartRequest) => chartFiles(tree, request),
    },
    io.signal,
  );
  const declaration = parsed.declarations.get(application.name);
  const located = <Place extends { readonly file: string }>(place: Place) =>
    withDeclaredPlace(place, application.path, declaration);
  const idle = declaration ? idleOverrides(application, parsed.config.clusters, declaration) : [];
  return 'errors' in resolved
    ? { ...resolved, errors: resolved.errors.map(located) }
    : { ...resolved, warnings: [...idle, ...resolved.warnings.map(located)] };
}
