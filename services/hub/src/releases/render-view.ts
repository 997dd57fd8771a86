import type { Problem, RenderView } from '@meridian/fleet';
import { maskSecret, toYaml } from '@meridian/manifests';
import { FaultError } from '@meridian/runtime';
import type { Releases } from './releases.ts';

/**
 * One rendered application in one cluster, as the API shows it; values of Secrets are masked. Throws FaultError
 * `not_found` without such an application or cluster, and `invalid` with every place when it cannot be rendered.
 */
export async function renderView(
  releases: Pick<Releases, 'render'>,
  { application, cluster, revision }: { application: string; cluster: string; revision?: string },
): Promise<RenderView> {
  const render = await releases.render(application, cluster, revision);
  if (!render.ok) {
    throw new FaultError('invalid', render.problems.map(placed).join('\n'), { retry: 'never' });
  }
  const yaml = toYaml(render.objects.map(maskSecret));
  return { application, cluster, revision: render.revision, digest: render.digest, yaml };
}

function placed({ file, line, field, message, fix }: Problem): string {
  const place = [line === undefined ? file : `${file}:${line}`, field]
    .filter((part) => part !== undefined)
    .join(' ');
  return `${place}: ${message}${fix === undefined ? '' : `; ${fix}`}`;
}
