import { Environment } from '@marcbachmann/cel-js';
import type { Register } from './functions/cel-fault.ts';
import { registerConversions } from './functions/conversions.ts';
import { registerFormats } from './functions/format-functions.ts';
import { registerLists } from './functions/list-functions.ts';
import { registerNetworks } from './functions/network-functions.ts';
import { registerOptionals } from './functions/optional-functions.ts';
import { registerPresence } from './functions/presence.ts';
import { registerQuantities } from './functions/quantity-functions.ts';
import { registerSemvers } from './functions/semver-functions.ts';
import { registerStrings } from './functions/string-functions.ts';
import { registerSortBy } from './functions/sort-by.ts';
import { registerTexts } from './functions/text-functions.ts';
import { registerTwoVariableMacros } from './functions/two-variable-macros.ts';
import { registerUrls } from './functions/url-functions.ts';

let base: Environment | undefined;

/** A new environment with the functions that Kubernetes adds to CEL, to which variables and types may be added. */
export function celEnvironment(): Environment {
  base ??= withFunctions();
  return base.clone();
}

function withFunctions(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  const register: Register = (signature, handler) => {
    environment.registerFunction(signature, handler);
  };
  registerLists(environment, register);
  registerStrings(environment, register);
  registerQuantities(environment, register);
  registerNetworks(environment, register);
  registerUrls(environment, register);
  registerSemvers(environment, register);
  registerFormats(environment, register);
  registerConversions(register);
  registerSortBy(register);
  registerTexts(register);
  registerPresence(register);
  registerOptionals(environment, register);
  registerTwoVariableMacros(register);
  for (const type of nullable) environment.registerOperator(`${type} == null`, () => false);
  return environment;
}

/** Types whose values may be asked whether they are null, which they never are. */
const nullable = [
  ...['google.protobuf.Timestamp', 'google.protobuf.Duration'],
  ...['kubernetes.Quantity', 'kubernetes.URL', 'kubernetes.Semver', 'net.IP', 'net.CIDR'],
];
