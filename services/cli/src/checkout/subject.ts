import { relative, resolve } from 'node:path';
import { matchesSelector, type Application, type Cluster, type LocatedError } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import { refuseUnknown } from '../known-names.ts';
import type { Checkout } from './checkout.ts';

/** Which application for which cluster. */
export interface Asked {
  /** Its name, or the file that declares it as seen from `cwd`. */
  readonly application: string;
  readonly cluster: string;
  readonly cwd: string;
}

/** An application and a cluster that it runs in. */
export interface Subject {
  readonly application: Application;
  readonly cluster: Cluster;
}

/** Finds what is asked for; or gives what freezes it. Throws CliError for names that nothing has. */
export function subjectOf(
  checkout: Checkout,
  asked: Asked,
): Subject | { readonly errors: readonly LocatedError[] } {
  const { config, declarations, origins, problems, incomplete } = checkout.parsed;
  const name = Object.hasOwn(origins, asked.application) ? asked.application : nameIn(checkout, asked);
  if (typeof name !== 'string') return name;
  const application = config.applications.find((each) => each.name === name);
  if (!application) {
    // What freezes it may only point to a mistake elsewhere, such as in a policy.
    const errors = problems.filter((each) => each.application === name || each.application === undefined);
    if (errors.length > 0 && (incomplete || Object.hasOwn(origins, name))) return { errors };
    refuseUnknown('application', name, Object.keys(origins));
    throw new Error(`${name} is declared, and neither sound nor broken`);
  }
  const cluster = config.clusters.find((each) => each.name === asked.cluster);
  if (cluster && matchesSelector(application.placement, cluster.labels)) return { application, cluster };
  refuseUnknown(
    'cluster',
    asked.cluster,
    config.clusters.map((each) => each.name),
  );
  const declaration = declarations.get(name);
  const place = declaration && { file: declaration.file, line: declaration.lineOf('spec.placement') };
  const message = `${name} does not run in ${asked.cluster}: the placement does not select its labels`;
  const fix = 'choose a cluster that it runs in, or change the placement';
  return { errors: [{ file: application.path, ...place, field: 'spec.placement', message, fix }] };
}

/** The name of the application that a file declares; what is no file of a fleet configuration is a name. */
function nameIn(
  { root, parsed: { origins, problems } }: Checkout,
  { application, cwd }: Asked,
): string | { readonly errors: readonly LocatedError[] } {
  if (!/\/|\.(ya?ml|json)$/.test(application)) return application;
  const file = relative(root, resolve(cwd, application)).replaceAll('\\', '/');
  const names = Object.keys(origins).filter((name) => origins[name] === file);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  const errors = problems.filter((problem) => problem.file === file);
  if (names.length === 0 && errors.length > 0) return { errors };
  throw new CliError(
    exitCodes.failed,
    names.length === 0
      ? `${file} declares no application of the fleet`
      : `${file} declares ${names.length} applications`,
    names.length === 0
      ? 'name the application, or its file below the directory of the fleet configuration (--fleet-path)'
      : `write one of: ${names.join(', ')}`,
  );
}
