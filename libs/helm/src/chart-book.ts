import type { LocatedError } from '@meridian/fleet';
import { FaultError } from '@meridian/runtime';
import type { Chart } from './chart.ts';
import type { Helm, RenderedChart } from './helm.ts';

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
const mostKeptBytes = 64 * 1024 * 1024;

/**
 * Outputs of charts by the keys of their requests, so that a chart is rendered once for all clusters whose values are the
 * same. Errors are not kept: they may come from a machine that was busy. Who has waited longest goes first when it is full.
 */
export class ChartBook {
  readonly #helm: Pick<Helm, 'render'>;
  readonly #mostBytes: number;
  readonly #texts = new Map<string, string>();
  #bytes = 0;

  constructor(helm: Pick<Helm, 'render'>, mostBytes = mostKeptBytes) {
    this.#helm = helm;
    this.#mostBytes = mostBytes;
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
        const output = known.get(request.key) ?? this.#kept(request.key);
        if (output) known.set(request.key, output);
        else wanted.set(request.key, request);
        return output;
      });
      if (wanted.size === 0) return result;
      for (const [key, request] of wanted) {
        const rendered = await this.#render(request, await contentOf(request), signal);
        known.set(key, rendered);
        if ('text' in rendered) this.#keep(key, rendered.text);
      }
    }
    throw new FaultError('exhausted', `a build asks for charts more than ${mostRounds} times`, {
      retry: 'never',
    });
  }

  async #render(request: WantedChart, content: ChartContent, signal: AbortSignal): Promise<RenderedChart> {
    return 'errors' in content ? content : this.#helm.render({ ...request, ...content }, signal);
  }

  #kept(key: string): RenderedChart | undefined {
    const text = this.#texts.get(key);
    if (text === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    return { text };
  }

  #keep(key: string, text: string): void {
    this.#bytes += text.length - (this.#texts.get(key)?.length ?? 0);
    this.#texts.delete(key);
    this.#texts.set(key, text);
    for (const [oldest, old] of this.#texts) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#texts.delete(oldest);
      this.#bytes -= old.length;
    }
  }
}
