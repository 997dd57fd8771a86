import type { LocatedError } from '@meridian/fleet';

/** A chart and everything else that its output depends on. */
export interface Chart {
  /** Where the chart lies in the repository, for errors. */
  readonly dir: string;
  /** Its files by their paths below `dir`. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Texts of values files; a later one wins over an earlier one. */
  readonly values: readonly string[];
  /** `release-name` without it and without a template. */
  readonly releaseName?: string;
  readonly nameTemplate?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
  readonly includeCrds: boolean;
  readonly skipHooks: boolean;
  readonly skipTests: boolean;
}

/** How much one rendering may take. */
export interface HelmLimits {
  readonly timeMs: number;
  readonly memoryBytes: number;
  readonly outputBytes: number;
  readonly files: number;
  /** All files of the chart and all values together. */
  readonly inputBytes: number;
}

/** What a rendering may take unless it is told otherwise: far more than charts need. */
export const defaultLimits: HelmLimits = {
  timeMs: 20_000,
  memoryBytes: 512 * 1024 * 1024,
  outputBytes: 16 * 1024 * 1024,
  files: 5_000,
  inputBytes: 32 * 1024 * 1024,
};

/** Why a chart is refused before helm sees it: no chart, too much of it, paths or names that helm could take for something else. */
export function chartProblem(chart: Chart, limits: HelmLimits): LocatedError | undefined {
  const { dir, files } = chart;
  if (!files.has('Chart.yaml'))
    return {
      file: dir,
      message: `${dir} is no chart: it has no Chart.yaml`,
      fix: 'name a directory with a chart',
    };
  return sizeProblem(chart, limits) ?? pathProblem(chart) ?? wordProblem(chart);
}

function sizeProblem({ dir, files, values }: Chart, limits: HelmLimits): LocatedError | undefined {
  if (files.size > limits.files)
    return {
      file: dir,
      message: `the chart holds more than ${limits.files} files`,
      fix: 'remove what it does not need',
    };
  const sizes = [...files.values(), ...values].map((content) => content.length);
  if (sizes.reduce((sum, size) => sum + size, 0) <= limits.inputBytes) return undefined;
  const message = `the chart and its values hold more than ${limits.inputBytes} bytes`;
  return { file: dir, message, fix: 'remove what it does not need' };
}

function pathProblem({ dir, files }: Chart): LocatedError | undefined {
  const isPlain = (path: string) =>
    !/[\0\\]/.test(path) && path.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
  const odd = [...files.keys()].find((path) => !isPlain(path));
  if (odd === undefined) return undefined;
  return { file: dir, message: `the path ${JSON.stringify(odd)} is refused`, fix: 'rename the file' };
}

/** Words of the command line. What begins with `-` would be taken for an option, which could run a program. */
function wordProblem(chart: Chart): LocatedError | undefined {
  const words = {
    releaseName: [chart.releaseName ?? 'a'],
    namespace: [chart.namespace ?? 'a'],
    kubeVersion: [chart.kubeVersion ?? 'v1'],
    apiVersions: chart.apiVersions,
  };
  for (const [field, texts] of Object.entries(words)) {
    const odd = texts.find((text) => !/^[A-Za-z0-9][\w.+/-]{0,252}$/.test(text));
    if (odd !== undefined)
      return {
        file: chart.dir,
        field,
        message: `${field} ${JSON.stringify(odd.slice(0, 100))} is refused`,
        fix: 'use letters, digits, -, _, ., + and /, and begin with a letter or a digit',
      };
  }
  return undefined;
}
