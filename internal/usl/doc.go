// Package usl tells how a system scales: the Universal Scalability Law fitted to
// measured throughputs, and the efficiency at each size. It knows numbers only.
//
// The law is Neil J. Gunther's: "A Simple Capacity Model of Massively Parallel
// Transaction Systems" (CMG 1993), and "Guerrilla Capacity Planning" (Springer,
// 2007), chapters 4 to 6.
package usl
