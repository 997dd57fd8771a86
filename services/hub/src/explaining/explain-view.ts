import type { ExplainView } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { ExplainRequest } from '../api/ports.ts';
import { answeredAt } from '../releases/asked-revision.ts';
import type { RevisionPorts } from '../releases/asked-revision.ts';
import type { Releases } from '../releases/releases.ts';
import { unrenderable } from '../releases/render-view.ts';
import type { Explainer } from './explainer.ts';

/** What explaining needs: the resolver, the commits, and who explains. */
export interface ExplainPorts {
  readonly releases: Pick<Releases, 'render'>;
  readonly revisions: RevisionPorts;
  readonly explain: Explainer;
  readonly fleetPath: string;
}

/**
 * What set the fields of an object in one cluster, as the API shows it; values of Secrets are masked. The application is
 * rendered first, so that whatever keeps it from that is told as `renderView` tells it. Throws FaultError `not_found` also
 * for an object or a field that is not there, with what is.
 */
export function explainView(
  { releases, revisions, explain, fleetPath }: ExplainPorts,
  request: ExplainRequest,
  signal: AbortSignal,
): Promise<ExplainView> {
  const { application, cluster, object, field = '' } = request;
  const answer = async (wanted: string | undefined): Promise<ExplainView> => {
    const render = await releases.render(application, cluster, wanted);
    if (!render.ok) throw unrenderable(render.problems);
    const { revision } = render;
    const explained = await explain({ revision, fleetPath, application, cluster, object, field }, signal);
    if ('errors' in explained) throw unrenderable(explained.errors);
    if ('message' in explained) {
      const message = `at revision ${revision.slice(0, 7)} ${explained.message}; ${explained.fix}`;
      throw new FaultError('not_found', message, { retry: 'never' });
    }
    return { application, cluster, revision, object: explained.object, fields: explained.fields };
  };
  return answeredAt(revisions, request, { answer, signal });
}
