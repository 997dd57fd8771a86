// Writes how Go encodes every type of the Kubernetes API, which its OpenAPI documents do not say: for each struct, by its
// package and name, its fields with their JSON names, Go types and kinds, and whether they are left out when empty.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// One field: its Go type as errors name it, the kind of that type as package reflect names it, and how it is left out ("empty",
// "zero" or "never").
type field struct {
	Type string `json:"type"`
	Kind string `json:"kind"`
	Omit string `json:"omit"`
}

// A field on the wire of protobuf: its number, its JSON name (empty when its own fields stand in the JSON of the struct
// around it), and its type: a kind of package reflect, "bytes", or "package/path.Name" of a struct, after "[]" or "map:".
type wireField struct {
	Number string `json:"number"`
	Name   string `json:"name"`
	Type   string `json:"type"`
}

// Fields of each struct by "package/path.Name".
type catalog struct {
	JSON map[string]map[string]field `json:"json"`
	Wire map[string][]wireField      `json:"wire"`
}

func main() {
	types := catalog{JSON: map[string]map[string]field{}, Wire: map[string][]wireField{}}
	all := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme, aggregator.AddToScheme} {
		if err := add(all); err != nil {
			panic(err)
		}
	}
	for _, kind := range all.AllKnownTypes() {
		types.add(kind)
	}
	if err := json.NewEncoder(os.Stdout).Encode(types); err != nil {
		panic(err)
	}
}

func (types catalog) add(of reflect.Type) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		types.add(of.Elem())
		return
	case reflect.Struct:
	default:
		return
	}
	name := of.PkgPath() + "." + of.Name()
	if _, known := types.JSON[name]; known || of.PkgPath() == "time" {
		return
	}
	fields := map[string]field{}
	types.JSON[name] = fields
	types.collect(of, fields)
	types.Wire[name] = types.wire(of)
}

func (types catalog) collect(of reflect.Type, into map[string]field) {
	for index := range of.NumField() {
		member := of.Field(index)
		tag, options, _ := strings.Cut(member.Tag.Get("json"), ",")
		if !member.IsExported() || tag == "-" {
			continue
		}
		if member.Anonymous && tag == "" && member.Type.Kind() == reflect.Struct {
			types.collect(member.Type, into)
			continue
		}
		if tag == "" {
			tag = member.Name
		}
		into[tag] = field{Type: member.Type.String(), Kind: member.Type.Kind().String(), Omit: omission(options)}
		types.add(member.Type)
	}
}

func (types catalog) wire(of reflect.Type) []wireField {
	fields := []wireField{}
	for index := range of.NumField() {
		member := of.Field(index)
		parts := strings.Split(member.Tag.Get("protobuf"), ",")
		if len(parts) < 2 || !member.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(member.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if member.Anonymous && name == "" {
			types.add(member.Type)
		} else if name == "" {
			name = member.Name
		}
		fields = append(fields, wireField{Number: parts[1], Name: name, Type: wireType(member.Type)})
	}
	return fields
}

func wireType(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Pointer:
		return wireType(of.Elem())
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + wireType(of.Elem())
	case reflect.Map:
		return "map:" + wireType(of.Elem())
	case reflect.Struct:
		return of.PkgPath() + "." + of.Name()
	default:
		return of.Kind().String()
	}
}

func omission(options string) string {
	switch {
	case strings.Contains(options, "omitzero"):
		return "zero"
	case strings.Contains(options, "omitempty"):
		return "empty"
	default:
		return "never"
	}
}
