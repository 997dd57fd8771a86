// Writes how Go shows the internal types of the API server, which it does when it refuses a whole object or tells two apart:
// for each struct, by its package and name, its fields in their order, with the names that they have in JSON and their types.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/apis/resource"
	"k8s.io/kubernetes/pkg/apis/storage"
)

// One field: its name in JSON, whether it is left out when empty ("empty"), when zero ("zero") or never (""), and its type: a
// kind of package reflect or "package.Name" of a struct, after "*", "[]" or "map:", or its name for a type that writes itself.
type field [3]string

var marshaler = reflect.TypeFor[json.Marshaler]()

type catalog map[string][]field

func main() {
	types := catalog{}
	for _, root := range []any{
		core.Pod{}, core.PodTemplate{}, core.ReplicationController{}, core.PersistentVolumeClaim{}, core.PersistentVolume{},
		core.Service{}, core.Node{}, core.LimitRange{}, core.ResourceQuota{}, core.Endpoints{}, core.Event{}, core.Binding{},
		apps.Deployment{}, apps.ReplicaSet{}, apps.StatefulSet{}, apps.DaemonSet{}, batch.Job{}, batch.CronJob{},
		autoscaling.HorizontalPodAutoscaler{}, policy.PodDisruptionBudget{}, networking.Ingress{}, networking.NetworkPolicy{},
		networking.IngressClass{}, rbac.RoleBinding{}, rbac.ClusterRole{}, storage.StorageClass{},
		resource.ResourceClaim{}, resource.ResourceClaimTemplate{},
	} {
		types.add(reflect.TypeOf(root))
	}
	if err := json.NewEncoder(os.Stdout).Encode(types); err != nil {
		panic(err)
	}
}

func (types catalog) add(of reflect.Type) string {
	if reflect.PointerTo(of).Implements(marshaler) {
		return of.Name()
	}
	switch of.Kind() {
	case reflect.Pointer:
		return "*" + types.add(of.Elem())
	case reflect.Slice:
		return "[]" + types.add(of.Elem())
	case reflect.Map:
		return "map:" + types.add(of.Elem())
	case reflect.Struct:
	default:
		return of.Kind().String()
	}
	name := of.String()
	if _, known := types[name]; !known {
		types[name] = nil
		types[name] = types.fields(of)
	}
	return name
}

func (types catalog) fields(of reflect.Type) []field {
	fields := []field{}
	for index := range of.NumField() {
		member := of.Field(index)
		tag, options, _ := strings.Cut(member.Tag.Get("json"), ",")
		if !member.IsExported() || tag == "-" {
			continue
		}
		if member.Anonymous && tag == "" && member.Type.Kind() == reflect.Struct {
			fields = append(fields, types.fields(member.Type)...)
			continue
		}
		if tag == "" {
			tag = member.Name
		}
		fields = append(fields, field{tag, omission(options), types.add(member.Type)})
	}
	return fields
}

func omission(options string) string {
	switch {
	case strings.Contains(options, "omitzero"):
		return "zero"
	case strings.Contains(options, "omitempty"):
		return "empty"
	default:
		return ""
	}
}
