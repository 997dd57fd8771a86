import { parseFleetConfig, type ParsedFleetConfig } from '@meridian/fleet';
import { healthRuleIssues, policyIssues } from '@meridian/policy';

/** A plain file of a fleet configuration; without a text where `unreadable` says why. */
export interface FoundFile {
  readonly path: string;
  readonly text: string | undefined;
  readonly unreadable: string | undefined;
}

/** The fleet configuration of a directory as hubs read it: what cannot be read may hold anything, so then every application is frozen. */
export function parsedFleet(files: readonly FoundFile[], fleetPath: string): ParsedFleetConfig {
  const found = files.filter(({ path }) => /\.(ya?ml|json)$/.test(path));
  const parsed = parseFleetConfig(
    found.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }])),
    policyIssues,
    healthRuleIssues,
  );
  const problems = found.flatMap(({ path, unreadable }) =>
    unreadable === undefined ? [] : [{ file: path, message: unreadable, fix: 'put a plain YAML file there' }],
  );
  if (found.length === 0)
    problems.push({
      file: fleetPath,
      message: `there is no fleet configuration in ${fleetPath}`,
      fix: 'name its directory with --fleet-path',
    });
  if (problems.length === 0) return parsed;
  return {
    ...parsed,
    config: { ...parsed.config, applications: [] },
    problems: [...problems, ...parsed.problems],
    incomplete: true,
  };
}
