import type { Problem, RenderView } from '@meridian/fleet';
import { maskSecret, toYaml } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import { answeredAt } from './asked-revision.ts';
import type { RevisionPorts } from './asked-revision.ts';
import type { Releases } from './releases.ts';

/** What is rendered: `revision` is the start of a commit id, the newest revision unless told. */
export interface RenderRequest {
  readonly application: string;
  readonly cluster: string;
  readonly revision?: string;
}

/** What rendering needs: the resolver, and the commits. */
export interface RenderPorts {
  readonly releases: Pick<Releases, 'render'>;
  readonly revisions: RevisionPorts;
}

/**
 * One rendered application in one cluster, as the API shows it; values of Secrets are masked. Throws FaultError
 * `not_found` without such an application, cluster or commit, and `invalid` with every place when it cannot be rendered.
 */
export function renderView(
  { releases, revisions }: RenderPorts,
  request: RenderRequest,
  signal: AbortSignal,
): Promise<RenderView> {
  const { application, cluster } = request;
  const answer = async (revision: string | undefined): Promise<RenderView> => {
    const render = await releases.render(application, cluster, revision);
    if (!render.ok) throw unrenderable(render.problems);
    const yaml = toYaml(render.objects.map(maskSecret));
    return { application, cluster, revision: render.revision, digest: render.digest, yaml };
  };
  return answeredAt(revisions, request, { answer, signal });
}

/** FaultError `invalid` with every place that keeps an application from being rendered. */
export function unrenderable(problems: readonly Problem[]): FaultError {
  return new FaultError('invalid', problems.map(placed).join('\n'), { retry: 'never' });
}

function placed({ file, line, field, message, fix }: Problem): string {
  const place = [line === undefined ? file : `${file}:${line}`, field]
    .filter((part) => part !== undefined)
    .join(' ');
  return `${place}: ${message}${fix === undefined ? '' : `; ${fix}`}`;
}
