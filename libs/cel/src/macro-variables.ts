/** How many variables a macro declares; undefined when a call of that many arguments is of none. */
export function macroVariables(name: string, given: number): number | undefined {
  const key = `${name}/${String(given)}`;
  return Object.hasOwn(variables, key) ? variables[key] : undefined;
}

/** By name and number of arguments. */
const variables: Readonly<Record<string, number>> = {
  'all/2': 1,
  'exists/2': 1,
  'exists_one/2': 1,
  'existsOne/2': 1,
  'map/2': 1,
  'map/3': 1,
  'filter/2': 1,
  'all/3': 2,
  'exists/3': 2,
  'exists_one/3': 2,
  'existsOne/3': 2,
  'transformList/3': 2,
  'transformList/4': 2,
  'transformMap/3': 2,
  'transformMap/4': 2,
  'transformMapEntry/3': 2,
  'transformMapEntry/4': 2,
  'optMap/2': 1,
  'optFlatMap/2': 1,
  'sortBy/2': 1,
};
