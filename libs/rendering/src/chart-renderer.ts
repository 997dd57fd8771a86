import type { LocatedError } from '@meridian/fleet';
import type { ChartRequest } from '@meridian/kustomize';

/** The files of a chart by their paths below its directory, or what of them cannot be read. */
export type ChartContent =
  { readonly files: ReadonlyMap<string, string | Uint8Array> } | { readonly errors: readonly LocatedError[] };

/** What a chart gave, as helm prints it, or why it gave nothing; `isLimit` when it may give something another time. */
export type RenderedChart =
  { readonly text: string } | { readonly errors: readonly LocatedError[]; readonly isLimit?: true };

/** A chart whose output is wanted, for which application, and how its files are read. */
export interface WantedOutput {
  readonly application: string;
  readonly chart: ChartRequest;
  readonly contentOf: () => Promise<ChartContent>;
}

/** What renders charts. Throws when the signal aborts. */
export interface ChartRenderer {
  render(wanted: WantedOutput, signal: AbortSignal): Promise<RenderedChart>;
}

/** Refuses every chart, where nobody has a helm. */
export const noCharts: ChartRenderer = {
  render: async ({ chart }) => ({
    errors: [
      {
        file: chart.dir,
        message: 'Helm charts are not rendered here',
        fix: 'commit the output of helm template',
      },
    ],
  }),
};
