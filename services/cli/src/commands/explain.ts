import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { tellExplained } from '../explained.ts';
import { tellDiffering } from '../differing.ts';
import { isDrift, isExplain } from '../shapes.ts';
import { shortId } from '../text.ts';

/** What `meridian explain` is told. */
export interface ExplainParameters {
  readonly application: string;
  readonly cluster: string;
  readonly object: string;
  readonly field?: string | undefined;
  readonly revision?: string | undefined;
}

/** `meridian explain APP --cluster C deployment/x [.spec.replicas] [--revision R]`: what set each field, what it was before, and where the cluster differs. */
export const explain: Command<ExplainParameters> = async ({ client, printer }, parameters) => {
  const { application, cluster, object, field, revision } = parameters;
  const query = new URLSearchParams({
    cluster,
    object,
    ...(field === undefined ? {} : { field }),
    ...(revision === undefined ? {} : { revision }),
  });
  const api = client();
  const view = await api.get(
    `/v1/applications/${encodeURIComponent(application)}/explain?${query.toString()}`,
    isExplain,
  );
  if (await printer.machine(view)) return exitCodes.ok;
  tellExplained(printer, `${application} in ${cluster} at ${shortId(view.revision)}`, view);
  const where = new URLSearchParams({ application, cluster });
  const drifts = await api.get(`/v1/drift?${where.toString()}`, isDrift);
  tellDiffering(printer, drifts, { object: view.object, field });
  return exitCodes.ok;
};
