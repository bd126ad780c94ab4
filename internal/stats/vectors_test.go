package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// goldenVectors are the outputs of an independent implementation in Python; see
// testdata/README.md.
type goldenVectors struct {
	UCDF []struct {
		N, M int
		P    []float64
		K01  int
		K05  int
	}
	Compare []struct {
		A, H []float64
		T    float64
		Out  struct {
			Status        string
			Effect        float64
			Lower         *float64
			Alpha, Margin *float64
		}
	}
	History []struct {
		Base, Heads []float64
		T           float64
		Out         struct {
			Status string
			Limit  float64
		}
	}
	CPs []struct {
		X   []float64
		CPs []int
	}
}

func loadVectors(t *testing.T) goldenVectors {
	t.Helper()
	data, err := os.ReadFile("testdata/golden-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v goldenVectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.UCDF) != 6 || len(v.Compare) != 60 || len(v.History) != 40 || len(v.CPs) != 20 {
		t.Fatalf("%d, %d, %d and %d vectors, want 6, 60, 40 and 20", len(v.UCDF), len(v.Compare), len(v.History), len(v.CPs))
	}
	return v
}

// near allows for the rounding of the other implementation's sums.
var near = cmpopts.EquateApprox(1e-12, 1e-12)

func TestGoldenUCDF(t *testing.T) {
	t.Parallel()
	for _, v := range loadVectors(t).UCDF {
		got := UCDF(v.N, v.M)
		if d := cmp.Diff(v.P, got[:len(v.P)], near); d != "" {
			t.Errorf("UCDF(%d, %d) (-want +got):\n%s", v.N, v.M, d)
		}
		if k01, k05 := OrderK(v.N, v.M, 0.01), OrderK(v.N, v.M, 0.05); k01 != v.K01 || k05 != v.K05 {
			t.Errorf("OrderK(%d, %d) = %d at .01 and %d at .05, want %d and %d", v.N, v.M, k01, k05, v.K01, v.K05)
		}
	}
}

func TestGoldenCompare(t *testing.T) {
	t.Parallel()
	type outcome struct {
		Status               string
		Effect               float64
		Lower, Alpha, Margin *float64
	}
	for i, v := range loadVectors(t).Compare {
		c := Compare(v.A, v.H, v.T, 0)
		got := outcome{Status: c.Status.String(), Effect: math.Expm1(c.Shift)}
		if c.Alpha > 0 {
			got.Alpha, got.Margin = &c.Alpha, &c.Margin
		}
		if !math.IsInf(c.Lower, 0) {
			lower := math.Expm1(c.Lower)
			got.Lower = &lower
		}
		if d := cmp.Diff(outcome(v.Out), got, near); d != "" {
			t.Errorf("vector %d (-want +got):\n%s", i, d)
		}
	}
}

func TestGoldenHistory(t *testing.T) {
	t.Parallel()
	for i, v := range loadVectors(t).History {
		limit := HistoryLimit(v.Base, v.T)
		got := AgainstHistory(v.Heads, limit).String()
		if d := cmp.Diff(v.Out.Limit, math.Exp(limit), near); d != "" || got != v.Out.Status {
			t.Errorf("vector %d: %s, want %s; limit (-want +got):\n%s", i, got, v.Out.Status, d)
		}
	}
}

func TestGoldenChangePoints(t *testing.T) {
	t.Parallel()
	for i, v := range loadVectors(t).CPs {
		if d := cmp.Diff(v.CPs, ChangePoints(v.X), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("vector %d (-want +got):\n%s", i, d)
		}
	}
}
