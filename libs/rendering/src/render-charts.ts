import type { LocatedError } from '@meridian/fleet';
import { chartFiles } from '@meridian/kustomize';
import type { ChartRequest } from '@meridian/kustomize';
import type { ChartRenderer } from './chart-renderer.ts';
import type { RenderSubject } from './render-in-revision.ts';
import type { RevisionFiles } from './revision-files.ts';

/** The files of a revision, and what renders charts. */
export interface ChartSource {
  readonly files: RevisionFiles;
  readonly charts: ChartRenderer;
}

/** Outputs by the keys of their requests, or everything that keeps charts from being rendered. */
export type RenderedCharts =
  | { readonly texts: ReadonlyMap<string, string> }
  | { readonly errors: readonly LocatedError[]; readonly isLimit: boolean };

/** Renders the charts that a resolver has asked for, beside each other as far as their turns come. */
export async function renderCharts(
  { files, charts }: ChartSource,
  { application, cluster, requests }: RenderSubject & { readonly requests: readonly ChartRequest[] },
  signal: AbortSignal,
): Promise<RenderedCharts> {
  const outputs = await Promise.all(
    requests.map(async (chart) => {
      const contentOf = async () => {
        await files.need([chart.dir]);
        return chartFiles(files.tree, chart);
      };
      const output = await charts.render({ application: application.name, chart, contentOf }, signal);
      return { key: chart.key, output };
    }),
  );
  const texts = new Map<string, string>();
  const errors: LocatedError[] = [];
  let isLimit = false;
  for (const { key, output } of outputs)
    if ('text' in output) texts.set(key, output.text);
    else {
      errors.push(...output.errors.map((error) => ({ ...error, cluster: cluster.name })));
      isLimit ||= output.isLimit === true;
    }
  return errors.length > 0 ? { errors, isLimit } : { texts };
}
