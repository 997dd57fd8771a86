import type { LocatedError } from '@meridian/fleet';

const mostCharacters = 600;
/** Files of the chart in helm's words: `(demo/templates/a.yaml:3:4)`, `template: demo/templates/a.yaml:3:4:`, `failed to parse demo/…`. */
const place = /(?<path>[\w.-]+\/[\w./-]*\.(?:ya?ml|tpl|txt|json))(?::(?<line>\d+))?/;

/** What helm says when it fails, as an error at the file of the chart that it names. */
export function complaintError(dir: string, complaint: string): LocatedError {
  const text = lastError(complaint);
  const missing = /found in Chart\.yaml, but missing in charts\/ directory: (.*)/.exec(text);
  if (missing)
    return {
      file: `${dir}/Chart.yaml`,
      field: 'dependencies',
      message: `the chart needs ${missing[1] ?? 'charts'}, which are not in ${dir}/charts; nothing is downloaded`,
      fix: `run "helm dependency update ${dir}" and commit ${dir}/charts`,
    };
  const { path, line } = place.exec(text)?.groups ?? {};
  const inChart = path?.slice(path.indexOf('/') + 1);
  return {
    file: inChart === undefined ? dir : `${dir}/${inChart}`,
    ...(line === undefined ? {} : { line: Number(line) }),
    message: `helm: ${text === '' ? 'it ended without a word' : text}`,
    fix: 'correct the chart or its values',
  };
}

const memory = /^(?:fatal error|runtime): .*(?:out of memory|cannot allocate memory)/m;
const processorTime = /^SIGXCPU: /m;

/** Whether helm was ended by a limit or from outside, and not by what it read. */
export function isExhausted({
  code,
  complaint,
}: {
  readonly code: number;
  readonly complaint: string;
}): boolean {
  return code < 0 || memory.test(complaint) || processorTime.test(complaint);
}

/** Helm may warn before it fails; Go prints stacks behind a fatal error. */
function lastError(complaint: string): string {
  if (memory.test(complaint)) return 'the chart takes more memory than it may';
  if (processorTime.test(complaint)) return 'the chart takes more processor time than it may';
  const from = complaint.lastIndexOf('Error: ');
  const text = from < 0 ? complaint : complaint.slice(from + 'Error: '.length);
  return text.replace(/\s+/g, ' ').trim().slice(0, mostCharacters);
}
