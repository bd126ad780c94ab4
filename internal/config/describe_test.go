package config

import (
	"fmt"
	"reflect"
	"regexp"
	"time"
)

// plain turns v into what JSON shows well: texts for everything that has one,
// structs without their zero and hidden fields.
func plain(v any) any { return plainValue(reflect.ValueOf(v)) }

func plainValue(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case time.Time:
			return x.Format(time.RFC3339Nano)
		case *regexp.Regexp:
			return fmt.Sprint(x)
		case fmt.Stringer:
			return x.String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return plainValue(v.Elem())
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, plainValue(v.Index(i)))
		}
		return list
	case reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && !v.Field(i).IsZero() {
				m[v.Type().Field(i).Name] = plainValue(v.Field(i))
			}
		}
		return m
	}
	return v.Interface()
}
