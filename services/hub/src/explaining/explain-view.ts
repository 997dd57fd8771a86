import type { ExplainView } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { ExplainRequest } from '../api/ports.ts';
import type { Releases } from '../releases/releases.ts';
import { unrenderable } from '../releases/render-view.ts';
import type { Explainer } from './explainer.ts';

/** What explaining needs: the resolver, the full id of a commit whose id begins so, and who explains. */
export interface ExplainPorts {
  readonly releases: Pick<Releases, 'render'>;
  readonly findCommit: (start: string, signal: AbortSignal) => Promise<string>;
  readonly explain: Explainer;
  readonly fleetPath: string;
}

/**
 * What set the fields of an object in one cluster, as the API shows it; values of Secrets are masked. The application is
 * rendered first, so that whatever keeps it from that is told as `renderView` tells it. Throws FaultError `not_found` also
 * for an object or a field that is not there, with what is.
 */
export async function explainView(
  { releases, findCommit, explain, fleetPath }: ExplainPorts,
  request: ExplainRequest,
  signal: AbortSignal,
): Promise<ExplainView> {
  const { application, cluster, object, field = '' } = request;
  const wanted = request.revision === undefined ? undefined : await findCommit(request.revision, signal);
  const render = await releases.render(application, cluster, wanted);
  if (!render.ok) throw unrenderable(render.problems);
  const { revision } = render;
  const explained = await explain({ revision, fleetPath, application, cluster, object, field }, signal);
  if ('errors' in explained) throw unrenderable(explained.errors);
  if ('message' in explained)
    throw new FaultError('not_found', `${explained.message}; ${explained.fix}`, { retry: 'never' });
  return { application, cluster, revision, object: explained.object, fields: explained.fields };
}
