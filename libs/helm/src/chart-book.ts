import type { LocatedError } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { Chart } from './chart.ts';
import type { Helm, RenderedChart } from './helm.ts';
import { KeptOutputs } from './kept-outputs.ts';

/** A chart that a build asks for; equal keys mean equal output. Its files are read only when it has to be rendered. */
export interface WantedChart extends Omit<Chart, 'files'> {
  readonly key: string;
}

/** The files of a chart, or what of them cannot be read. */
export type ChartContent = Pick<Chart, 'files'> | { readonly errors: readonly LocatedError[] };

/** A build that does no I/O: it asks for outputs of charts and cannot end while one is undefined. */
export interface ChartBuild<Request extends WantedChart, Result> {
  readonly build: (outputOf: (request: Request) => RenderedChart | undefined) => Result;
  readonly contentOf: (request: Request) => ChartContent | Promise<ChartContent>;
}

/** Charts of a base may come to light only when those of another are there. */
const mostRounds = 100;

/** Builds that ask for charts, with the outputs of those that were rendered already. */
export class ChartBook {
  readonly #helm: Pick<Helm, 'render'>;
  readonly #outputs: KeptOutputs;

  constructor(helm: Pick<Helm, 'render'>, outputs = new KeptOutputs()) {
    this.#helm = helm;
    this.#outputs = outputs;
  }

  /** Builds, renders what that asked for, and builds again until nothing is missing. */
  async build<Request extends WantedChart, Result>(
    { build, contentOf }: ChartBuild<Request, Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const known = new Map<string, RenderedChart>();
    for (let round = 0; round < mostRounds; round += 1) {
      const wanted = new Map<string, Request>();
      const result = build((request) => {
        const output = known.get(request.key) ?? this.#outputs.get(request.key);
        if (output) known.set(request.key, output);
        else wanted.set(request.key, request);
        return output;
      });
      if (wanted.size === 0) return result;
      for (const [key, request] of wanted) {
        const render = async () => this.#render(request, await contentOf(request), signal);
        known.set(key, await this.#outputs.obtain(key, render, signal));
      }
    }
    throw new FaultError('exhausted', `a build asks for charts more than ${mostRounds} times`, {
      retry: 'never',
    });
  }

  async #render(request: WantedChart, content: ChartContent, signal: AbortSignal): Promise<RenderedChart> {
    return 'errors' in content ? content : this.#helm.render({ ...request, ...content }, signal);
  }
}
