package locale

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// Decimal is a number as the reader's language writes it, with the shortest digits that give it back.
func Decimal(ctx context.Context, x float64) string {
	l := Of(ctx)
	text := strconv.FormatFloat(x, 'f', -1, 64)
	whole, fraction, broken := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	if n, err := strconv.Atoi(whole); err == nil && n < math.MaxInt32 {
		whole = Number(l, n)
	}
	if broken {
		mark := ","
		if l == English {
			mark = "."
		}
		whole += mark + fraction
	}
	if math.Signbit(x) && x != 0 {
		return "\u2212" + whole
	}
	return whole
}
