import { parseFleetConfig } from '@meridian/fleet';
import type { ParsedFleetConfig } from '@meridian/fleet';
import { healthRuleIssues, policyIssues } from '@meridian/policy';
import type { RevisionFiles } from '@meridian/rendering';

/** Parses the files of a fleet configuration. */
export type Parse = (files: readonly { readonly path: string; readonly text: string }[]) => ParsedFleetConfig;

/** A parser that gives the very same result for the same files: most commits leave the fleet configuration alone. */
export function memoizedParse(): Parse {
  let last: { key: string; parsed: ParsedFleetConfig } | undefined;
  return (files) => {
    const key = JSON.stringify(files.map(({ path, text }) => [path, text]));
    if (last?.key !== key) last = { key, parsed: parseFleetConfig(files, policyIssues, healthRuleIssues) };
    return last.parsed;
  };
}

/** The fleet configuration of a revision. What cannot be read may hold anything, so then every application is frozen. */
export async function readConfig(
  files: RevisionFiles,
  fleetPath: string,
  parse: Parse,
): Promise<ParsedFleetConfig> {
  await files.need([fleetPath]);
  const found = files.files(fleetPath).filter(({ path }) => /\.(ya?ml|json)$/.test(path));
  const unreadable = found.flatMap(({ path, unreadable: why }) =>
    why === undefined ? [] : [{ file: path, message: why }],
  );
  if (found.length === 0) {
    const message = `there is no fleet configuration in ${fleetPath}`;
    unreadable.push({ file: fleetPath, message });
  }
  const parsed = parse(found.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])));
  if (unreadable.length === 0) return parsed;
  return {
    ...parsed,
    config: { ...parsed.config, applications: [] },
    problems: [
      ...unreadable.map((problem) => ({ ...problem, fix: 'put plain YAML files there' })),
      ...parsed.problems,
    ],
    incomplete: true,
  };
}
