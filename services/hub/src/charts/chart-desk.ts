import { findHelm, KeptOutputs, openHelm, Turns } from '@meridian/helm';
import type { Helm, HelmLimits, Jail, ProgramPlaces } from '@meridian/helm';
import type { ChartRenderer, RenderedChart, WantedOutput } from '@meridian/rendering';
import { errorText } from '@meridian/runtime';
import type { Clock, Part } from '@meridian/runtime';

/** Whether charts are rendered here, and by what. */
export type ChartsState =
  | { readonly kind: 'ready'; readonly version: string; readonly jail: Jail }
  | { readonly kind: 'opening' }
  /** There is no such program. */
  | { readonly kind: 'missing'; readonly program: string }
  /** The program is there and does not run. */
  | { readonly kind: 'broken'; readonly program: string; readonly message: string };

/** What a desk is made with. */
export interface ChartDeskOptions {
  /** Name or path of the helm program. */
  readonly program: string;
  readonly places: ProgramPlaces;
  /** A directory for helm alone. */
  readonly directory: string;
  /** What one rendering may take; the usual unless told. */
  readonly limits?: Partial<HelmLimits>;
  readonly clock: Clock;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
}

const turnLimits = { places: 2, slowMs: 3_000, most: 8 };
/** A helm that was not there is looked for again after this. */
const retryMs = 30_000;

/**
 * Renders charts for all applications of a hub: each output once, few at a time, applications in turn. It begins to look for
 * helm when it is started; a hub without helm does everything but charts.
 */
export class ChartDesk implements ChartRenderer {
  readonly #options: ChartDeskOptions;
  readonly #outputs = new KeptOutputs();
  readonly #turns = new Turns(turnLimits);
  readonly #closing = new AbortController();
  #state: ChartsState = { kind: 'opening' };
  #opening: Promise<Helm | undefined> | undefined;
  #openedAtMs = 0;

  constructor(options: ChartDeskOptions) {
    this.#options = options;
  }

  /** Whether charts are rendered here. */
  get state(): ChartsState {
    return this.#state;
  }

  /** The part that holds helm open. */
  get part(): Part {
    return {
      name: 'charts',
      start: async () => void this.#helm(),
      stop: async () => {
        this.#closing.abort(new Error('the hub stops'));
        const helm = await this.#opening?.catch(() => undefined);
        await helm?.[Symbol.asyncDispose]();
      },
    };
  }

  /** The output of a chart. Without a helm it is refused as by a limit: tomorrow there may be one. Throws when the signal aborts. */
  async render({ application, chart, contentOf }: WantedOutput, signal: AbortSignal): Promise<RenderedChart> {
    const helm = await this.#helm();
    signal.throwIfAborted();
    if (!helm) return { errors: [this.#refusal(chart.dir)], isLimit: true };
    const until = AbortSignal.any([signal, this.#closing.signal]);
    const render = async () => {
      const content = await contentOf();
      if ('errors' in content) return content;
      return this.#turns.take(application, () => helm.render({ ...chart, ...content }, until), until);
    };
    return this.#outputs.obtain(`${helm.version} ${chart.key}`, render, until);
  }

  #helm(): Promise<Helm | undefined> {
    const { clock } = this.#options;
    const isDown = this.#state.kind === 'missing' || this.#state.kind === 'broken';
    if (this.#opening && !(isDown && clock.nowMs() - this.#openedAtMs > retryMs)) return this.#opening;
    this.#openedAtMs = clock.nowMs();
    this.#opening = this.#open();
    return this.#opening;
  }

  async #open(): Promise<Helm | undefined> {
    const { program, places, directory, limits = {}, clock, log } = this.#options;
    const before = this.#state.kind;
    const path = findHelm(program, places);
    if (path === undefined) {
      this.#state = { kind: 'missing', program };
      if (before !== 'missing') log.info({ program }, 'there is no helm, so charts are not rendered');
      return undefined;
    }
    try {
      const helm = await openHelm({ program: path, clock, directory, limits }, this.#closing.signal);
      const { version, jail } = helm;
      this.#state = { kind: 'ready', version, jail };
      log.info({ program: path, version, jail }, 'charts are rendered by helm');
      return helm;
    } catch (error) {
      const message = errorText(error);
      this.#state = { kind: 'broken', program: path, message };
      if (before !== 'broken') log.error({ program: path, error: message }, 'helm does not run');
      return undefined;
    }
  }

  #refusal(file: string) {
    const state = this.#state;
    return state.kind === 'broken'
      ? {
          file,
          message: `charts are not rendered: ${state.message}`,
          fix: `let ${state.program} run on this hub, or name another with MERIDIAN_HELM`,
        }
      : {
          file,
          message: 'charts are not rendered: there is no helm on this hub',
          fix: 'put helm 3 or 4 beside the hub and name it with MERIDIAN_HELM',
        };
  }
}
