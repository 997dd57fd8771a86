import { CliError, exitCodes } from './cli-error.ts';
import type { FleetClient } from './fleet-client.ts';
import { isApplications, isClusters } from './shapes.ts';

/** What a list was asked to be about. */
export interface NameFilter {
  readonly application?: string | undefined;
  readonly cluster?: string | undefined;
}

/** An empty list about a name that nobody has is a typing mistake, not good news. */
export async function refuseUnknownNames(
  api: FleetClient,
  { application, cluster }: NameFilter,
): Promise<void> {
  if (application !== undefined)
    refuseUnknown('application', application, namesOf(await api.get('/v1/applications', isApplications)));
  if (cluster !== undefined)
    refuseUnknown('cluster', cluster, namesOf(await api.get('/v1/clusters', isClusters)));
}

function namesOf(known: readonly { readonly name: string }[]): readonly string[] {
  return known.map(({ name }) => name);
}

/** Throws CliError for a name that is not among the known ones, with some of those. */
export function refuseUnknown(kind: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const names = known.toSorted();
  const some = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
  throw new CliError(
    exitCodes.failed,
    `there is no ${kind} ${name}`,
    names.length === 0 ? undefined : `choose one of: ${some}`,
  );
}
