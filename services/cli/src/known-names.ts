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
    refuse('application', application, await api.get('/v1/applications', isApplications));
  if (cluster !== undefined) refuse('cluster', cluster, await api.get('/v1/clusters', isClusters));
}

function refuse(kind: string, name: string, known: readonly { readonly name: string }[]): void {
  if (known.some((one) => one.name === name)) return;
  const names = known.map((one) => one.name).toSorted();
  const some = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
  throw new CliError(
    exitCodes.failed,
    `there is no ${kind} ${name}`,
    names.length === 0 ? undefined : `choose one of: ${some}`,
  );
}
